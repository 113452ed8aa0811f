"""A mart in parts that are written and kept on their own: months where it is large, else all of it.

A part is known by a fingerprint of its rows: their number and two sums over 64-bit hashes of whole rows, so that rows
in another order are the same part, and a row more, less or changed is another.

Put here: which parts a mart has, telling an equal one. Keep out: writing them (targets).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from ml.identity import stable_id

LARGE_ROWS = 50_000
"""From here on a mart has a part per month: below, finding the parts costs more than writing them."""
MONTH_COLUMNS = ("usage_date", "charge_date", "ChargePeriodStart")
"""The day of a row, by name; the first of them that a mart has cuts it into months."""
WHOLE, UNDATED = "", "undated"
SUMS = "count(*), sum(hashed::hugeint), sum(hash(hashed)::hugeint)"
"""What tells rows apart, over the hash of each."""
_DATED = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


@dataclass(frozen=True)
class Part:
    """Some rows of a mart: those of a month (`2026-10`), those without a day, or all."""

    month: str
    row_count: int
    fingerprint: str


@dataclass(frozen=True)
class Parts:
    """A mart: its columns with DuckDB's types, in order, the column that cuts it (None where none does), its parts."""

    columns: tuple[tuple[str, str], ...]
    month_column: str | None
    parts: tuple[Part, ...]

    @property
    def row_count(self) -> int:
        """Rows of all parts."""
        return sum(part.row_count for part in self.parts)

    def condition(self, part: Part) -> str:
        """SQL that holds for the rows of a part and no others."""
        if self.month_column is None or part.month == WHOLE:
            return "true"
        if part.month == UNDATED:
            return f"not {_is_dated(self.month_column)}"
        first = date.fromisoformat(f"{part.month}-01")
        after = (first + timedelta(days=31)).replace(day=1)
        day = quoted(self.month_column)
        return f"({day} >= date '{first}' and {day} < date '{after}')"


def quoted(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def parts_of(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    *,
    large_rows: int = LARGE_ROWS,
    month_columns: Sequence[str] = MONTH_COLUMNS,
) -> Parts:
    """The parts of a table (named in full, quoted where needed)."""
    columns = tuple((name, kind) for name, kind, *_ in connection.execute(f"describe {table}").fetchall())
    count = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    month_column = _month_column(columns, month_columns) if count >= large_rows else None
    month = f"'{WHOLE}'"
    if month_column:
        day = f"strftime({quoted(month_column)}, '%Y-%m')"
        month = f"case when {_is_dated(month_column)} then {day} else '{UNDATED}' end"
    names = ", ".join(quoted(name) for name, _ in columns)
    rows = connection.execute(
        f"select month, {SUMS} from (select {month} as month, hash({names}) as hashed from {table}) "
        "group by 1 order by 1"
    ).fetchall()
    shape = stable_id(duckdb.__version__, *(f"{name} {kind}" for name, kind in columns))
    found = tuple(Part(label, number, stable_id(shape, number, one, two)) for label, number, one, two in rows)
    return Parts(columns, month_column, found or (Part(WHOLE, 0, stable_id(shape, 0)),))


def _is_dated(column: str) -> str:
    """SQL: whether a row has a day of a month that is written with four digits; never NULL."""
    day = quoted(column)
    return f"coalesce({day} >= date '1900-01-01' and {day} < date '3000-01-01', false)"


def _month_column(columns: Iterable[tuple[str, str]], month_columns: Sequence[str]) -> str | None:
    kinds = dict(columns)
    return next((name for name in month_columns if kinds.get(name) in _DATED), None)
