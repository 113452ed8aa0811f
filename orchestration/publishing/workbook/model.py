"""What a sheet holds: columns over a query, formulas beside values, a chart.

Put here: the words of the description. Keep out: the sheets (`sheets`), writing them (`book`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from orchestration.presenting.formats import Unit

Row = Mapping[str, Any]
"""Values of a row by the name of their column, formulas too, as far as they are calculated."""


@dataclass(frozen=True)
class Formula:
    """A column that Excel calculates; its value is stored as well, for readers that do not calculate."""

    excel: str
    """With `[Label]` for a column of the row, and `{table}` for the name of the table."""
    value: Callable[[Row, Sequence[Row]], Any]
    """From the row and all rows; None where it cannot be calculated."""


@dataclass(frozen=True)
class SheetColumn:
    """One column: of the query under `name`, or a formula."""

    name: str
    label: str
    unit: Unit = Unit.TEXT
    formula: Formula | None = None
    total: bool = False
    """Whether its sum stands below; never of what cannot be added up."""


@dataclass(frozen=True)
class SheetChart:
    """A chart of columns by the first `rows` rows."""

    kind: str
    category: str
    values: tuple[str, ...]
    title: str
    rows: int | None = None
    subtype: str | None = None


@dataclass(frozen=True)
class SheetOf:
    """A sheet: rows of `query` (parameters `$first` and `$last`, both days included), where `marts` are published."""

    name: str
    marts: tuple[str, ...]
    query: str
    columns: tuple[SheetColumn, ...]
    explains: str
    """What is in it, for the sheet of notes."""
    chart: SheetChart | None = None
    frozen_columns: int = 1


def quotient(above: str, below: str, digits: int = 12) -> Callable[[Row, Sequence[Row]], Decimal | None]:
    """One column divided by another; None where either is unknown or the second is zero."""

    def value(row: Row, _: Sequence[Row]) -> Decimal | None:
        return divided(row[above], row[below], digits)

    return value


def share(of: str) -> Callable[[Row, Sequence[Row]], Decimal | None]:
    """A column divided by the sum of all its rows."""

    def value(row: Row, rows: Sequence[Row]) -> Decimal | None:
        return divided(row[of], sum((each[of] for each in rows if each[of] is not None), Decimal(0)))

    return value


def divided(above: Any, below: Any, digits: int = 12) -> Decimal | None:
    """A quotient to so many digits behind the point."""
    if above is None or not below:
        return None
    return (Decimal(above) / Decimal(below)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def added(*names: str) -> Callable[[Row, Sequence[Row]], Decimal | None]:
    """The sum of columns; what is unknown adds nothing, and all unknown is unknown."""

    def value(row: Row, _: Sequence[Row]) -> Decimal | None:
        known = [row[name] for name in names if row[name] is not None]
        return sum(known, Decimal(0)) if known else None

    return value


def difference(above: str, below: str) -> Callable[[Row, Sequence[Row]], Decimal | None]:
    """One column less another; None where either is unknown."""

    def value(row: Row, _: Sequence[Row]) -> Decimal | None:
        return None if row[above] is None or row[below] is None else row[above] - row[below]

    return value
