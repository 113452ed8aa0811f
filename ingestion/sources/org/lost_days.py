"""Days between two rows of one thing, as whoever writes the last day as `valid_to` leaves without an owner, and changes
within a day, which hold from the next day on.

Put here: saying so. Keep out: rows that overlap (`checks`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import time, timedelta
from typing import Any

from ingestion.landing.notes import Note
from ingestion.sources.org.model import BEGINNING, END, OrgTable, Row

ONE_DAY = timedelta(days=1)
LAST_MINUTE = time(23, 59)
"""From it on, a day that ends is meant whole."""
BY_DAYS = frozenset("cost_centers teams projects ownership allocation_rules account_aliases fx_rates".split())
"""Files whose rows hold for a UTC day where they hold at its beginning."""


def note_lost_days(table: OrgTable) -> None:
    """Name each row that ends exactly one day before the next row of the same thing begins."""
    by_identity: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in table.good:
        by_identity[row.identity].append(row)
    for rows in by_identity.values():
        begins = {row.valid[0] for row in rows}
        for row in rows:
            end = row.valid[1]
            is_lost = end + ONE_DAY in begins and not any(each.valid[0] <= end < each.valid[1] for each in rows)
            if is_lost:
                what = " ".join(str(part) for part in row.identity if part)
                message = (
                    f"{what} has no row for {end:%Y-%m-%d}: valid_to is exclusive. Write {end + ONE_DAY:%Y-%m-%d}, or "
                    "call the column end_date, if that day belongs to this row"
                )
                table.notes.append(Note("day_without_row", message, table.file.path, row.number, 1))


def note_changes_within_days(table: OrgTable) -> None:
    """Name each row of a file that goes by days and begins, or ends with none after it, within one."""
    if table.file.name not in BY_DAYS:
        return
    begins = {(row.identity, row.valid[0]) for row in table.good}
    for row in table.good:
        start, stop = row.valid
        what = " ".join(str(part) for part in row.identity if part)
        if start != BEGINNING and start.time() != time():
            said = f"begins at {start:%Y-%m-%dT%H:%MZ}, within a day, and so holds from {start + ONE_DAY:%Y-%m-%d} on"
            day = start
        elif stop != END and time() < stop.time() < LAST_MINUTE and (row.identity, stop) not in begins:
            said, day = f"ends at {stop:%Y-%m-%dT%H:%MZ}, within a day, and so holds for all of {stop:%Y-%m-%d}", stop
        else:
            continue
        message = f"{what} {said}: {table.file.path} goes by UTC days. Write the day, {day:%Y-%m-%d} or the next"
        table.notes.append(Note("within_day", message, table.file.path, row.number, 1))
