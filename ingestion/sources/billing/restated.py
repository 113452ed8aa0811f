"""What a delivery that surely replaced another changed: the same days of an account, with another sum.

A scope is compared where both deliveries charge the same days of it, so that a month to date that grew is no change;
one that became less with more days is told with its whole sum.
Put here: old and new sums. Keep out: what replaces what (`precedence`), questions (`restatements`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from ingestion.landing.notes import Note
from ingestion.landing.reader_code import is_read_otherwise
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.deliveries import Bucket, Delivery, scopes_of, spelled
from ingestion.sources.billing.precedence import Decision
from ingestion.sources.billing.relations import differ_in_type, matching
from ingestion.sources.billing.scopes import CORRECTION, Coverage


def restated(decision: Decision) -> list[Note]:
    """One note for an older delivery and currency whose sum a newer one changed."""
    asked = {id(question.older) for question in decision.questions}
    asked |= {id(question.newer) for question in decision.questions if question.counts == "older"}
    sums: dict[tuple[int, int, str], list[tuple[Decimal, Decimal, str, int]]] = defaultdict(list)
    named: dict[int, Delivery] = {}
    charging: dict[Bucket, list[Delivery]] = defaultdict(list)
    for delivery in decision.deliveries:
        for bucket in delivery.buckets:
            charging[bucket].append(delivery)
    for older, lost in decision.lost():
        if id(older) in asked:
            continue
        bucket_of = {scope: bucket for bucket, scopes in older.buckets.items() for scope in scopes}
        for scope, gone in lost.items():
            coverage = older.coverage[scope]
            if scope.endswith(CORRECTION) or gone != coverage.mask or scope not in bucket_of:
                continue
            found = _successor(charging[bucket_of[scope]], bucket_of[scope], older, coverage)
            if found and found[1].amount != coverage.amount:
                newer, now = found
                named.update({id(older): older, id(newer): newer})
                key = (id(older), id(newer), coverage.parts["currency"])
                sums[key].append((coverage.amount, now.amount, coverage.parts["period"], gone))
    return [_note(named[key[0]], named[key[1]], key[2], changes) for key, changes in sums.items()]


def _successor(
    charging: list[Delivery], bucket: Bucket, older: Delivery, coverage: Coverage
) -> tuple[Delivery, Coverage] | None:
    """The newer delivery whose charges of the same days count now, where it charges no other days of the scope, or
    charges less for all of them and others: less than before was certainly taken back.

    What an older one keeps because nobody knows whether the newer restates it is a question, and no restatement.
    """
    for newer in reversed(charging):
        if newer is older:
            return None
        if differ_in_type(newer, older):
            continue
        for scope in matching(newer, bucket, coverage):
            now = newer.coverage[scope]
            if not scope.endswith(CORRECTION) and newer.live.get(scope, 0) == now.mask == coverage.mask:
                return newer, now
            has_later_days = newer.live.get(scope, 0) == now.mask and not coverage.mask & ~now.mask
            if not scope.endswith(CORRECTION) and has_later_days and now.amount < coverage.amount:
                return newer, now
    return None


def _note(older: Delivery, newer: Delivery, currency: str, changes: list[tuple[Decimal, Decimal, str, int]]) -> Note:
    before = sum((change[0] for change in changes), Decimal(0))
    after = sum((change[1] for change in changes), Decimal(0))
    days: dict[str, int] = defaultdict(int)
    for _, _, period, gone in changes:
        days[period] |= gone
    return Note(
        "restated",
        f"{newer.name} replaced {older.name} on {spelled(days)}: {shown(before)} became {shown(after)} {currency}, "
        f"difference {shown(after - before, '+')}",
        file=newer.files[0].path,
        amount=after - before,
        currency=currency or None,
    )


def overwritten(before: Iterable[RegisteredFile], after: Iterable[RegisteredFile]) -> Iterator[Note]:
    """What another content of the same files, or another reading of it, took back of days that they charged: nobody
    keeps what was there."""
    now = {file.path: file for file in after}
    for was in before:
        file = now.get(was.path)
        if file is None or file.content_hash == was.content_hash:
            continue
        fresh = {each.row_scope: each for each in scopes_of(file)}
        for currency in sorted({each.parts["currency"] for each in scopes_of(was)}):
            changes = [
                (each.amount, fresh[each.row_scope].amount if each.row_scope in fresh else Decimal(0))
                for each in scopes_of(was)
                if each.parts["currency"] == currency and _takes_back(each, fresh.get(each.row_scope))
            ]
            old, new = (sum((change[side] for change in changes), Decimal(0)) for side in (0, 1))
            if old != new:
                is_same = is_read_otherwise(file.content_hash, was.content_hash)
                why = "read anew by this version" if is_same else "overwritten"
                said = f"it was {why}: {shown(old)} of what it charged before became {shown(new)} {currency}, "
                said += f"difference {shown(new - old, '+')}; the file says which days and accounts are left"
                yield Note("restated", said, file=was.path, amount=new - old, currency=currency or None)


def _takes_back(was: Coverage, now: Coverage | None) -> bool:
    """Whether days or money of a scope are gone, or the same days cost something else."""
    return now is None or bool(was.mask & ~now.mask) or now.mask == was.mask or now.amount < was.amount


def shown(amount: Decimal, sign: str = "") -> str:
    """An amount with all its digits and at least two decimals."""
    whole, _, fraction = f"{amount:{sign}f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
