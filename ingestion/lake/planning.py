"""Which objects a table keeps, and which are to be written, when deliveries changed.

An object that holds a changed delivery goes. Its other deliveries are written anew with it. A day that is over and
would have more than `MOST_OBJECTS` is written as one; so are rows without a day.

Put here: these rules. Keep out: seeing what changed, writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ingestion.lake.changes import Piece
from ingestion.lake.manifest import LakeObject

MOST_OBJECTS = 16
"""A day that is over with more of a table is gathered into one."""


@dataclass(frozen=True)
class Item:
    """One object to be written: these deliveries on this day."""

    day: str | None
    deliveries: tuple[str, ...]
    rows: int


def deliveries_to_write(objects: Iterable[LakeObject], changed: set[str]) -> set[str]:
    """The changed ones, and those that lie in one object with them."""
    together = (set(each.deliveries) for each in objects if not changed.isdisjoint(each.deliveries))
    return changed.union(*together)


def plan(
    objects: Iterable[LakeObject], changed: set[str], rows: dict[Piece, int], today: date
) -> tuple[list[LakeObject], list[Item]]:
    """What stays and what is to be written. `rows`: of `deliveries_to_write`, by day and delivery."""
    objects = list(objects)
    kept = [each for each in objects if changed.isdisjoint(each.deliveries)]
    gathered: dict[str | None, set[str]] = defaultdict(set)
    for each in objects:
        if len(each.deliveries) > 1 and not changed.isdisjoint(each.deliveries):
            gathered[each.day] |= set(each.deliveries)
    items = [_item(day, units, rows) for day, units in gathered.items()]
    items += [
        Item(day, (unit,), count)
        for (day, unit), count in rows.items()
        if unit in changed and unit not in gathered[day]
    ]
    return _compacted(kept, [each for each in items if each.rows], today)


def _item(day: str | None, units: Iterable[str], rows: dict[Piece, int]) -> Item:
    there = tuple(sorted(unit for unit in units if (day, unit) in rows))
    return Item(day, there, sum(rows[day, unit] for unit in there))


def _compacted(kept: list[LakeObject], items: list[Item], today: date) -> tuple[list[LakeObject], list[Item]]:
    by_day: dict[str | None, list[LakeObject | Item]] = defaultdict(list)
    together: list[LakeObject | Item] = [*kept, *items]
    for each in together:
        by_day[each.day].append(each)
    full = {day for day, each in by_day.items() if len(each) > MOST_OBJECTS and _is_over(day, today)}
    gathered = [
        Item(
            day,
            tuple(sorted({unit for each in by_day[day] for unit in each.deliveries})),
            sum(each.rows for each in by_day[day]),
        )
        for day in full
    ]
    items = [each for each in items if each.day not in full] + gathered
    return [each for each in kept if each.day not in full], sorted(
        items, key=lambda each: (each.day or "", each.deliveries)
    )


def _is_over(day: str | None, today: date) -> bool:
    return day is None or day < today.isoformat()
