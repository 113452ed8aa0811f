"""Budgets by the month: a column for each month or quarter, or a column that names the month of its row.

Each amount is a budget of that month alone. Put here: which period a header or cell names, rows for its columns.
Keep out: what a budget must satisfy (`budgets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ingestion.reading.tabular.named_periods import end_of, first_day
from ingestion.reading.tabular.values import PLACEHOLDERS

_PERIODS = {1: "month", 3: "quarter", 6: "custom", 12: "year"}
"""By months: half a year has no word of its own."""
_FIRST_OF_MONTH = re.compile(r"(\d{4}-\d\d)-01(?:[T ]00:00(?::00)?)?", re.ASCII)
MONTH_HEADERS = ("month", "budget_month", "billing_month", "quarter", "year")
"""Columns that name the period of their row, where the file has none called `period`."""


@dataclass(frozen=True)
class NamedPeriod:
    """A calendar period: what it is called in `budgets.csv`, its first day and the day after its last."""

    period: str
    start: str
    stop: str

    def fill(self, cells: dict[str, str | None]) -> None:
        """Make a row one of this period alone."""
        cells.update(period=self.period, valid_from=self.start, valid_to=self.stop)


def named_period(text: str | None) -> NamedPeriod | None:
    """The month, quarter, half, year or span that a text names (`2026-01`, `Jan 2026`, `Q1 2026`, `H1 2026`, `2026`,
    `2026-04-01 to 2027-03-31`). None for any other. The first day of a month is that month, as spreadsheets store
    `Jan-26`. A span that is no calendar period is custom, as years begin in January."""
    said = (text or "").strip()
    if found := _FIRST_OF_MONTH.fullmatch(said):
        said = found[1]
    first = first_day(said)
    if not first or first == said:
        return None
    start = date.fromisoformat(first)
    after = end_of(said)
    stop = date.fromisoformat(after) if after else date(start.year + start.month // 12, start.month % 12 + 1, 1)
    months = (stop.year - start.year) * 12 + stop.month - start.month
    is_calendar = start.day == stop.day == 1 and months in _PERIODS and (start.month - 1) % months == 0
    return NamedPeriod(_PERIODS[months] if is_calendar else "custom", str(start), str(stop))


def period_columns(headers: Mapping[int, str]) -> dict[int, NamedPeriod]:
    """The columns that are periods of their own, by place; where there are shorter and longer ones, the longer are
    their sums and are left out."""
    found = {place: named for place, header in headers.items() if (named := named_period(header))}
    shortest = next((period for period in _PERIODS.values() if period in {each.period for each in found.values()}), "")
    return {place: named for place, named in found.items() if named.period == shortest}


def rows_of_columns(
    cells: Mapping[str, str | None], amounts: Mapping[NamedPeriod, str | None]
) -> Iterator[dict[str, str | None]]:
    """The cells of one row for each period that has an amount."""
    for named, amount in amounts.items():
        if amount and amount.lower() not in PLACEHOLDERS:
            row = {**cells, "amount": amount}
            named.fill(row)
            yield row
