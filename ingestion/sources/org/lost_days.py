"""Days between two rows of one thing: whoever writes the last day as `valid_to` leaves that day without an owner.

Put here: saying so. Keep out: rows that overlap (`checks`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from ingestion.landing.notes import Note
from ingestion.sources.org.model import OrgTable, Row

ONE_DAY = timedelta(days=1)


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
