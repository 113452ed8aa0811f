"""What two deliveries of one account and period have in common, and what speaks against one being the other anew.

Put here: comparing two deliveries. Keep out: what follows (`precedence`), one delivery by itself (`deliveries`).
"""

from __future__ import annotations

from decimal import Decimal

from ingestion.sources.billing.deliveries import Bucket, Delivery, Proof
from ingestion.sources.billing.relations import (
    charged_days,
    described,
    is_same_stream,
    matching,
    speaks_of_provider,
    total,
    union_of,
)
from ingestion.sources.billing.scopes import CORRECTION, Coverage

LEAST_SHARE_OF_ROWS = 0.5
LEAST_SHARE_OF_AMOUNT = Decimal("0.5")
CORRECTIONS = 1
"""Bit 0: corrections of earlier periods, which cover no day."""
Days = dict[str, int]
"""Scope to days as bits."""


def days_of_both(newer: Delivery, older: Delivery, bucket: Bucket) -> Days:
    """By scope of the older one, the days on which both charge the same provider, account and currency."""
    found: Days = {}
    for scope in older.buckets[bucket]:
        live, theirs = older.live.get(scope, 0), older.coverage[scope]
        if not live or scope.endswith(CORRECTION):
            continue
        days = 0
        for each in _counterparts(newer, bucket, theirs):
            is_apart = each.first_second > theirs.last_second or each.last_second < theirs.first_second
            if not is_apart:
                days |= each.mask & live
        if days:
            found[scope] = days
    return found


def _counterparts(newer: Delivery, bucket: Bucket, theirs: Coverage) -> list[Coverage]:
    scopes = matching(newer, bucket, theirs)
    return [newer.coverage[scope] for scope in scopes if not scope.endswith(CORRECTION)]


def doubt_about(newer: Delivery, older: Delivery, bucket: Bucket, days: int, only: Days | None) -> str:
    """Why the newer one may not be the older one anew; '' when there is no reason to doubt it."""
    before, now = (len({part.numbers for part in each.parts if part.is_strict}) for each in (older, newer))
    if is_same_stream(newer, older) and newer.proof[0] is Proof.UNPROVEN and now < before:
        return f"it has {now} parts where the older one has {before}"
    rows_before = rows_now = 0
    amount_before = amount_now = Decimal(0)
    lacks_some, is_whole = False, True
    all_other = True
    is_any = False
    apart: set[int] = set()
    for scope in older.buckets[bucket]:
        live = older.live.get(scope, 0) & days & ~CORRECTIONS
        theirs = older.coverage[scope]
        if only is not None:
            live &= only.get(scope, 0)
        if not live or scope.endswith(CORRECTION):
            continue
        if not is_same_stream(newer, older) and not speaks_of_provider(newer, bucket, theirs):
            continue
        mine = _counterparts(newer, bucket, theirs)
        if not mine:
            return f"it has no row of {described(theirs)}"
        charged = union_of(each.mask for each in mine)
        if live & ~charged:
            return f"it lacks days of {described(theirs)} that the older one has"
        if is_by_day(bucket) and all(each.lacks_rows_of(theirs) for each in mine):
            return f"it lacks lines of {described(theirs)} that the older one has"
        is_any = True
        apart |= {each.seconds_behind(theirs) for each in mine}
        all_other = all_other and all(each.has_other_rows_than(theirs) for each in mine)
        is_whole = is_whole and live == theirs.mask & ~CORRECTIONS
        lacks_some = lacks_some or all(each.lacks_rows_of(theirs) for each in mine)
        amount_before += theirs.amount
        amount_now += sum((each.amount for each in mine), Decimal(0))
        rows_before += theirs.rows_of(live)
        rows_now += sum(each.rows_of(live) for each in mine)
    if is_any and all_other and len(apart) == 1 and (seconds := apart.pop()):
        hours = f"{abs(seconds) / 3_600:g} hours {'later' if seconds > 0 else 'earlier'}"
        return f"its charges begin {hours}, row by row: it may be the same bill in the days of another time zone"
    if is_any and all_other:
        return "its rows charge for other things"
    if rows_now < LEAST_SHARE_OF_ROWS * rows_before:
        return f"it has {rows_now} rows where the older one has {rows_before}"
    if lacks_some and is_whole and amount_before > 0 and amount_now <= LEAST_SHARE_OF_AMOUNT * amount_before:
        return "it lacks charges that the older one has, and half of its amount or more"
    if is_same_stream(newer, older):
        return ""
    is_less = lacks_some and is_whole and amount_now < amount_before
    if is_less and newer.proof[0] is Proof.UNPROVEN:
        return "it lacks charges that the older one has, and is no later export of the same"
    is_nameless = newer.has_no_account and bucket[1].startswith("folder ")
    if is_nameless and newer.proof[0] is Proof.UNPROVEN and total(newer, bucket) != total(older, bucket):
        return "neither names an account, and their amounts differ"
    return ""


def is_by_day(bucket: Bucket) -> bool:
    """Whether its format restates day by day: a day's lines grow in amount and number, and none is taken back."""
    return len(bucket[2]) > len("2026-06")


def days_lost(newer: Delivery, older: Delivery, bucket: Bucket, pairs: Days, days: int, *, everything: bool) -> Days:
    """What the older one loses: of all its scopes in the account, or only of those that the newer one has too."""
    found: Days = {}
    for scope in older.buckets[bucket]:
        live = older.live.get(scope, 0)
        has_it = scope in pairs or (scope.endswith(CORRECTION) and days & CORRECTIONS)
        if everything or has_it:
            if not is_same_stream(newer, older) and not speaks_of_provider(newer, bucket, older.coverage[scope]):
                continue
            mask = live & (days if everything or scope.endswith(CORRECTION) else days & pairs[scope])
            if mask:
                found[scope] = mask
    return found


def corrections_of_both(newer: Delivery, older: Delivery, bucket: Bucket) -> dict[str, str]:
    """Scopes of corrections of both whose charges are known from the older one, the newer's to the older's."""
    found = {}
    for theirs in older.buckets[bucket]:
        if not theirs.endswith(CORRECTION) or not older.live.get(theirs):
            continue
        other = older.coverage[theirs]
        for scope in matching(newer, bucket, other):
            if scope.endswith(CORRECTION) and newer.coverage[scope].sample & other.sample:
                found[scope] = theirs
    return found


def covers_all(newer: Delivery, older: Delivery, bucket: Bucket, days: int) -> bool:
    """Whether some days are all the ordinary days of the older one in the account's period."""
    theirs = charged_days(older, bucket)
    return bool(theirs) and theirs & ~(days | charged_days(newer, bucket)) == 0


def speaks_of_corrections(newer: Delivery, older: Delivery, bucket: Bucket) -> bool:
    """Whether what the newer one says of its days holds for corrections too."""
    has_some = any(scope.endswith(CORRECTION) for scope in newer.buckets[bucket])
    return has_some or is_same_stream(newer, older)
