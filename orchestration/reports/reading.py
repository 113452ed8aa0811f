"""Figures of a period, read from the published copy.

Put here: one statement with its values. Keep out: statements, words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.presenting.formats import Unit
from orchestration.presenting.periods import Period
from orchestration.presenting.standing import Standing
from orchestration.reports.content import Column, Table
from orchestration.reports.figures import figures
from orchestration.reports.figures.model import Figure

OTHERS = "others"


class FigureError(RuntimeError):
    """A figure cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Scope:
    """What a report is about."""

    connection: duckdb.DuckDBPyConnection
    period: Period
    """Its days that are not to come."""
    before: Period
    today: date
    standing: Standing
    teams: Sequence[str] | None = None
    """Ids; None where it is about all of them."""
    customers: Sequence[str] | None = None
    providers: Sequence[str] | None = None

    def values(self) -> dict[str, Any]:
        """What statements may ask for, by name. What is about one team, customer or provider may be asked for alone."""
        alone = {"team": self.teams, "customer": self.customers, "provider": self.providers}
        return {
            "first": self.period.first,
            "last": self.period.last,
            "before_first": self.before.first,
            "before_last": self.before.last,
            "today": self.today,
            "teams": self.teams,
            "customers": self.customers,
            "providers": self.providers,
            **{name: found[0] if found else None for name, found in alone.items() if len(found or ()) < 2},
        }

    def asked_by(self, sql: str) -> dict[str, Any]:
        """The values that a statement asks for."""
        return {name: value for name, value in self.values().items() if re.search(rf"\${name}\b", sql)}

    def rows(self, figure: Figure) -> list[tuple[Any, ...]]:
        """The rows of a figure.

        Raises:
            FigureError: what it reads is not published, or it is about one team and several are asked for.
        """
        asked = self.asked_by(figure.sql)
        for name in ("team", "customer", "provider"):
            if name not in asked and re.search(rf"\${name}\b", figure.sql):
                raise FigureError(
                    f"figure {figure.name} is about one {name} and several are asked for: write `in ${name}s`"
                )
        try:
            cursor = self.connection.execute(figure.sql, asked or None)
        except duckdb.Error as error:
            raise FigureError(f"figure {figure.name}: {str(error).splitlines()[0]}") from None
        names = [each[0] for each in cursor.description or []]
        if names != list(figure.columns):
            raise FigureError(
                f"figure {figure.name} has columns {', '.join(names)}, declared: {', '.join(figure.columns)}"
            )
        return cursor.fetchall()

    def records(self, figure: Figure | str) -> list[dict[str, Any]]:
        """The rows of a figure, or of one by name, by column."""
        asked = figures()[figure] if isinstance(figure, str) else figure
        return [dict(zip(asked.columns, row, strict=True)) for row in self.rows(asked)]

    def row(self, name: str) -> dict[str, Any]:
        """The first row of a figure by column; empty where it has none."""
        return next(iter(self.records(name)), {})

    def table(
        self, figure: Figure, columns: Sequence[str] | None = None, limit: int | None = None, *, has_total: bool = False
    ) -> Table:
        """A figure as a table: `columns` of it, the first `limit` rows, the rest as one row so that nothing is left
        out, and a total over all rows. A total that leaves out what is not known says so in the note."""
        rows = self.rows(figure)
        names = [
            name for place, name in enumerate(columns or figure.columns) if place == 0 or _says(figure, name, rows)
        ]
        places = [list(figure.columns).index(name) for name in names]
        described = [
            Column(name, figure.columns[name].label, figure.columns[name].unit, figure.columns[name].is_optional)
            for name in names
        ]
        additive = [figure.columns[name].is_additive for name in names]
        picked = [[row[place] for place in places] for row in rows]
        shown_rows, rest = (picked, []) if limit is None or len(picked) <= limit else (picked[:limit], picked[limit:])
        notes = []
        if rest:
            can_be_summed = any(additive)
            if can_be_summed:
                shown_rows = [*shown_rows, _sum(rest, additive, f"{len(rest):,} {OTHERS}")]
            else:
                notes.append(f"the first {limit} of {len(picked):,}")
        total = _sum(picked, additive, "Total") if has_total and len(picked) > 1 and any(additive) else None
        incomplete = [
            column.label
            for place, column in enumerate(described)
            if total
            and column.unit is Unit.USD
            and additive[place]
            and figure.columns[column.name].is_known_by_row
            and any(row[place] is None for row in picked)
        ]
        if incomplete:
            notes.append(
                f"totals of {', '.join(incomplete)} leave out what is not known: they are at least what they say"
            )
        return Table(figure.name, described, shown_rows, total, "; ".join(notes))


def _says(figure: Figure, name: str, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a column of words has any; one without is left out."""
    place = list(figure.columns).index(name)
    return figure.columns[name].unit is not Unit.TEXT or any(row[place] is not None for row in rows)


def _sum(rows: Sequence[Sequence[Any]], additive: Sequence[bool], label: str) -> list[Any]:
    """One row of sums, which its first column says it is: what has no sum is empty, what no row knows is None."""
    summed: list[Any] = []
    for place, is_additive in enumerate(additive):
        known = [row[place] for row in rows if row[place] is not None] if is_additive else []
        unsummed = None if is_additive else ""
        summed.append(sum(known, start=Decimal(0) if isinstance(known[0], Decimal) else 0) if known else unsummed)
    if summed and not additive[0]:
        summed[0] = label
    return summed
