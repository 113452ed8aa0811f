"""Tables of the organisation that say in columns of their own what a file has other columns for.

Put here: what such a table gives to reading, and which there are. Keep out: what their columns mean (`budget_sheets`,
`ownership`, `rates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Protocol

from ingestion.sources.org.budget_sheets import budget_sheet, without_a_year
from ingestion.sources.org.ownership import subject_sheet
from ingestion.sources.org.rates import pair_sheet, which_way_round


class Sheet(Protocol):
    """Columns that stand in for others."""

    @property
    def places(self) -> set[int]:
        """The columns that are used."""

    @property
    def tells(self) -> Set[str]:
        """The columns of the file that it has in its own way."""

    def fill(self, row: dict[str, str | None], cells: Mapping[int, str | None]) -> None:
        """Give a row what it lacks."""

    def name(self, row: dict[str, str | None]) -> None:
        """Give a row whose period is known the id that it lacks."""


def sheet_of(table: str, others: Mapping[int, str], places: Mapping[str, int], *, has_periods: bool) -> Sheet | None:
    """What the columns of a table mean that are not those of its file."""
    if table == "budgets":
        return budget_sheet(others, places, has_periods=has_periods)
    if table == "ownership":
        return subject_sheet(others, places)
    return pair_sheet(others, places) if table == "fx_rates" else None


def hint(table: str, headers: Iterable[str]) -> str:
    """What to say of headers that may mean several things, behind what the header lacks."""
    if table == "budgets":
        return without_a_year(headers)
    return which_way_round(headers) if table == "fx_rates" else ""
