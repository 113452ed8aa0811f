"""Which files are one delivery: what one manifest lists, or the parts of one file stem in one folder.

`docs/sources/billing.md` states the rules with examples. Put here: grouping files, and telling parts from copies.
Keep out: what a delivery covers and whether it is complete (`deliveries`), what replaces what.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from ingestion.sources.billing.deliveries import Delivery, scopes_of
from ingestion.sources.billing.manifests import Manifest, Manifests
from ingestion.sources.billing.paths import PartName, part_of, run_time_of, stream_of
from ingestion.sources.billing.scopes import Coverage

if TYPE_CHECKING:
    from ingestion.landing.registry import RegisteredFile

PARTS_WITHIN = timedelta(days=1)
RUN_WITHIN = timedelta(hours=6)
"""One run writes its parts within this time; what is older and charges the same is left over of a run before."""
OF_A_RUN_BEFORE = " of a run before"


def group(files: Iterable[RegisteredFile], manifests: Manifests) -> list[Delivery]:
    """Files that restate periods, by delivery, in the order in which they were delivered."""
    loose: dict[tuple[str, str], list[RegisteredFile]] = defaultdict(list)
    kept = [file for file in sorted(files, key=lambda each: each.path) if file.period_key]
    for file in kept:
        part = part_of(file.path)
        if part.numbers and not part.is_strict and manifests.found(file.path) is None:
            loose[file.source_format, part.stem].append(file)
    copies = {file.file_id for group_ in loose.values() if _are_copies(group_) for file in group_}
    older = _of_runs_before(kept, manifests)
    twice = Counter((file.source_format, _key(part_of(file.path)), part_of(file.path).numbers) for file in kept)
    deliveries: dict[tuple[str, str], Delivery] = {}
    for file in kept:
        found = manifests.found(file.path)
        part = part_of(file.path)
        manifest = found[0] if found else None
        key = manifest.path if manifest else _key(part)
        stream = stream_of(part.stem)
        if file.file_id in copies or (manifest is None and twice[file.source_format, key, part.numbers] > 1):
            key = file.path if not part.is_strict else f"{key} {file.path.rpartition('.')[2]}"
        elif file.file_id in older:
            key += OF_A_RUN_BEFORE
        when = _told_time(file, manifest) or file.modified_at_utc
        delivery = deliveries.setdefault((file.source_format, key), Delivery(file.source_format, key, stream, when))
        delivery.delivered_at_utc = max(delivery.delivered_at_utc, when)
        delivery.files.append(file)
        delivery.parts.append(part)
        delivery.manifest = manifest
        if found:
            delivery.listed[file.path] = found[1]
        for covered in scopes_of(file):
            delivery.coverage[covered.row_scope] = covered.joined(delivery.coverage.get(covered.row_scope))
    return sorted(deliveries.values(), key=lambda each: (*each.order, _content(each)))


def _of_runs_before(files: Iterable[RegisteredFile], manifests: Manifests) -> set[int]:
    """Parts that an earlier run left in a folder that a later one has overwritten: on two days or more they charge for
    what newer parts charge for too. Parts of one run that arrive over days have one day in common, that of the cut."""
    runs: dict[tuple[str, str], list[RegisteredFile]] = defaultdict(list)
    for file in files:
        part = part_of(file.path)
        if part.numbers and part.is_strict and manifests.found(file.path) is None:
            runs[file.source_format, _key(part)].append(file)
    found = set()
    for parts in runs.values():
        begin = max(file.modified_at_utc for file in parts) - RUN_WITHIN
        newest = [each for file in parts if file.modified_at_utc >= begin for each in scopes_of(file)]
        for file in parts:
            if file.modified_at_utc < begin and any(_charge_the_same(each, newest) for each in scopes_of(file)):
                found.add(file.file_id)
    return found


def _charge_the_same(one: Coverage, others: Iterable[Coverage]) -> bool:
    return any(
        (one.mask & other.mask).bit_count() > 1 and len(one.sample & other.sample) > 1
        for other in others
        if other.row_scope == one.row_scope
    )


def _key(part: PartName) -> str:
    return part.stem + (f" of {part.of}" if part.of else "")


def _content(delivery: Delivery) -> str:
    return min(file.content_hash for file in delivery.files)


def _told_time(file: RegisteredFile, manifest: Manifest | None) -> datetime | None:
    told = manifest.submitted_at_utc if manifest else None
    if told is None and manifest and manifest.run_order:
        told = run_time_of(f"{manifest.run_order}/")
    return told or run_time_of(file.path)


def _are_copies(files: list[RegisteredFile]) -> bool:
    """Whether files numbered like parts are none: they are far apart in time, or hold the same charges."""
    times = [file.modified_at_utc for file in files]
    if max(times) - min(times) > PARTS_WITHIN:
        return True
    for one, other in combinations(files, 2):
        theirs = {each.row_scope: each for each in scopes_of(other)}
        for each in scopes_of(one):
            if each.row_scope in theirs and each.sample & theirs[each.row_scope].sample:
                return True
    return False
