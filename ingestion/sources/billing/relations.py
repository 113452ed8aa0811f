"""How two deliveries, or two scopes, lie to one another: same stream, same account, wider, narrower.

Put here: questions that are answered with yes, no or days. Keep out: what follows of the answers (`precedence`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ingestion.sources.billing.deliveries import Bucket, Delivery, Proof
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


def nesting(newer: Delivery, older: Delivery) -> str:
    """How what the newer exports lies to what the older does: '' unknown or equal, `inside`, `around`, `apart`."""
    mine, theirs = (each.manifest.scope if each.manifest else "" for each in (newer, older))
    if not mine or not theirs or mine == theirs:
        return ""
    wide = ["billingaccounts" in each for each in (mine, theirs)]
    if mine.startswith(f"{theirs}/") or (wide[1] and not wide[0]):
        return "inside"
    return "around" if theirs.startswith(f"{mine}/") or (wide[0] and not wide[1]) else "apart"


def matches(one: Coverage, other: Coverage) -> bool:
    """Same account and currency, and providers and issuers that are equal where both are told."""
    mine, theirs = one.parts, other.parts
    if mine["account"] != theirs["account"] or mine["currency"] != theirs["currency"]:
        return False
    return all(mine[part] == theirs[part] or not mine[part] or not theirs[part] for part in ("provider", "issuer"))


def speaks_of_provider(newer: Delivery, bucket: Bucket, theirs: Coverage) -> bool:
    """Whether a delivery has rows of a scope's provider and issuer."""
    wanted = theirs.parts
    return any(
        all(parts[name] == wanted[name] or not parts[name] or not wanted[name] for name in ("provider", "issuer"))
        for parts in (newer.coverage[scope].parts for scope in newer.buckets[bucket])
    )


def described(coverage: Coverage) -> str:
    """A scope as a person is told of it."""
    parts = coverage.parts
    account = parts["account"] or parts["parent"]
    return " ".join(part for part in (parts["provider"], account, parts["currency"]) if part) or "an account"


def ordinary(delivery: Delivery, bucket: Bucket) -> list[Coverage]:
    """What a delivery charges in an account's period, without corrections."""
    return [delivery.coverage[scope] for scope in delivery.buckets[bucket] if not scope.endswith(CORRECTION)]


def charged_days(delivery: Delivery, bucket: Bucket) -> int:
    """The days it charges there."""
    return union_of(each.mask for each in ordinary(delivery, bucket))


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
