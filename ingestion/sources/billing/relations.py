"""How two deliveries, or two scopes, lie to one another: same stream, same account, wider, narrower.

Put here: questions that are answered with yes, no or days. Keep out: what follows of the answers (`precedence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ingestion.sources.billing.deliveries import Bucket, Delivery, Proof
from ingestion.sources.billing.paths import later_by_name, version_of
from ingestion.sources.billing.scopes import CORRECTION, Coverage


def differ_in_type(one: Delivery, other: Delivery) -> bool:
    """Whether two deliveries tell the same money in different ways: actual and amortised cost, say."""
    kinds = {one.dataset_type or "actual", other.dataset_type or "actual"}
    return len(kinds) > 1


def is_same_stream(newer: Delivery, older: Delivery) -> bool:
    """Whether both come from one export, so that the newer speaks of all that the older did."""
    if newer.stream == older.stream:
        return True
    scopes = [each.manifest.scope if each.manifest else "" for each in (newer, older)]
    return bool(scopes[0]) and scopes[0] == scopes[1] and newer.proof[0] is Proof.COMPLETE


def doubtful_order(newer: Delivery, older: Delivery) -> str:
    """Why times and names do not say which of two is the later; '' where they do."""
    if newer.order == older.order:
        return "both have the same time, last day and number of rows"
    mine, theirs = newer.files[0].path, older.files[0].path
    is_later = later_by_name(mine, theirs)
    if is_later is False:
        return "it is the newer one by its time of change, and the older one by the version in its name"
    (base, *version), (other, *other_version) = version_of(mine), version_of(theirs)
    are_at_once = is_later is None and newer.delivered_at_utc == older.delivered_at_utc and base == other
    if are_at_once and version != other_version and version[0] and other_version[0]:
        return "both have the same time, and versions in their names that nothing orders"
    if is_same_stream(newer, older) and newer.named_on and older.named_on and newer.named_on < older.named_on:
        return "it is the newer one by its time of change, and the older one by the day in its name"
    return ""


def nesting(newer: Delivery, older: Delivery) -> str:
    """How what the newer exports lies to what the older does: '' unknown or equal, `inside`, `around`, `apart`."""
    mine, theirs = (each.manifest.scope if each.manifest else "" for each in (newer, older))
    if not mine or not theirs or mine == theirs:
        return ""
    wide = ["billingaccounts" in each for each in (mine, theirs)]
    if mine.startswith(f"{theirs}/") or (wide[1] and not wide[0]):
        return "inside"
    return "around" if theirs.startswith(f"{mine}/") or (wide[0] and not wide[1]) else "apart"


def _is_one_vendor(one: Coverage, other: Coverage) -> bool:
    """Whether providers and issuers are equal where both are told."""
    mine, theirs = one.folded, other.folded
    return all(mine[part] == theirs[part] or not mine[part] or not theirs[part] for part in ("provider", "issuer"))


def matching(delivery: Delivery, bucket: Bucket, theirs: Coverage) -> list[str]:
    """The scopes of a delivery that match one of another, of the same account and currency; corrections among them."""
    parts = theirs.folded
    near = delivery.by_account[bucket].get((parts["account"], parts["currency"]), [])
    found = [scope for scope in near if _is_one_vendor(delivery.coverage[scope], theirs)]
    return found or [scope for name, scope in delivery.stands_for.items() if name == theirs.row_scope]


def renamed(newer: Delivery, older: Delivery, bucket: Bucket) -> dict[str, str]:
    """Scopes of the older delivery whose sub account or vendor the newer one of its stream names otherwise, and the
    newer's.

    Neither has the other's name; all that the older one charges there is in the newer one, with as many rows on the
    same days; and no other scope may be meant.
    """
    if not is_same_stream(newer, older):
        return {}
    live = [scope for scope in older.buckets[bucket] if older.live.get(scope) and not scope.endswith(CORRECTION)]
    lost = [scope for scope in live if not matching(newer, bucket, older.coverage[scope])]
    if not lost:
        return {}
    mine = {scope: newer.coverage[scope] for scope in newer.buckets[bucket] if not scope.endswith(CORRECTION)}
    fresh = {scope: each for scope, each in mine.items() if not matching(older, bucket, each)}
    found = {
        theirs: [scope for scope, now in fresh.items() if holds_all_of(now, older.coverage[theirs])] for theirs in lost
    }
    meant = [scope for scopes in found.values() for scope in scopes]
    return {theirs: scopes[0] for theirs, scopes in found.items() if len(scopes) == 1 and meant.count(scopes[0]) == 1}


def holds_all_of(now: Coverage, before: Coverage, *, is_currency_free: bool = False) -> bool:
    """Whether a scope has all charges of another, by what they are for and when, on the same days as many rows, in the
    same currency unless that may differ."""
    is_alike = is_currency_free or now.folded["currency"] == before.folded["currency"]
    has_days = not before.mask & ~now.mask and now.rows_of(before.mask) == before.rows
    return is_alike and has_days and bool(now.sample & before.sample) and not now.lacks_rows_of(before)


def speaks_of_provider(newer: Delivery, bucket: Bucket, theirs: Coverage) -> bool:
    """Whether a delivery has rows of a scope's provider and issuer."""
    wanted = (theirs.folded["provider"], theirs.folded["issuer"])
    return any(
        all(mine == other or not mine or not other for mine, other in zip(vendor, wanted, strict=True))
        for vendor in newer.vendors[bucket]
    )


def names_none_of_several(newer: Delivery, before: Iterable[Delivery], bucket: Bucket) -> bool:
    """Whether a delivery has rows that name no provider, where those before it name several for the account."""
    if all(newer.coverage[scope].folded["provider"] for scope in newer.buckets[bucket]):
        return False
    named = {
        older.coverage[scope].folded["provider"]
        for older in before
        for scope in older.buckets[bucket]
        if older.live.get(scope)
    }
    return len(named - {""}) > 1


def same_stream_of_one_vendor(newer: Delivery, older: Delivery, bucket: Bucket) -> bool:
    """Whether the older one names no provider either, or is of a stream of its own vendor alone that the newer goes on
    with."""
    named = {older.coverage[scope].folded["provider"] for scope in older.buckets[bucket]} - {""}
    return not named or (len(named) == 1 and is_same_stream(newer, older))


def described(coverage: Coverage) -> str:
    """A scope as a person is told of it."""
    parts = coverage.parts
    account = parts["account"] or parts["parent"]
    return " ".join(part for part in (parts["provider"], account, parts["currency"]) if part) or "an account"


def with_issuer(coverage: Coverage) -> str:
    """The same with who sends the invoice, where that is another."""
    provider, issuer = (coverage.parts[part] for part in ("provider", "issuer"))
    return described(coverage) + (f" by {issuer}" if issuer and issuer != provider else "")


def ordinary(delivery: Delivery, bucket: Bucket) -> list[Coverage]:
    """What a delivery charges in an account's period, without corrections."""
    return [delivery.coverage[scope] for scope in delivery.buckets[bucket] if not scope.endswith(CORRECTION)]


def charged_days(delivery: Delivery, bucket: Bucket) -> int:
    """The days it charges there."""
    return union_of(each.mask for each in ordinary(delivery, bucket))


def is_coarse(delivery: Delivery, bucket: Bucket) -> bool:
    """Whether every row it charges there is for more than a day: for a month, a week."""
    found = ordinary(delivery, bucket)
    return bool(found) and all(each.reach for each in found)


def span_to(coverage: Coverage, is_coarse: bool) -> int:
    """The days that a scope charges; of coarse rows all from the first to the last that they reach."""
    return span_of(coverage.mask | 1 << coverage.reach) if is_coarse and coverage.reach else coverage.mask


def covered_days(delivery: Delivery, bucket: Bucket) -> int:
    """The days it charges there, those between of coarse rows among them."""
    coarse = is_coarse(delivery, bucket)
    return union_of(span_to(each, coarse) for each in ordinary(delivery, bucket))


def total(delivery: Delivery, bucket: Bucket) -> Decimal:
    """Its money there."""
    return sum((delivery.coverage[scope].amount for scope in delivery.buckets[bucket]), Decimal(0))


def span_of(mask: int) -> int:
    """All days from the first to the last."""
    if not mask:
        return 0
    low = mask & -mask
    return (1 << mask.bit_length()) - low


def union_of(masks: Iterable[int]) -> int:
    """All days of some."""
    found = 0
    for mask in masks:
        found |= mask
    return found
