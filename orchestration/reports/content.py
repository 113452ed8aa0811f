"""What a report says, before it is a page, a document or a workbook.

Put here: its parts. Keep out: reading figures, layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from orchestration.charts.style import Spec
from orchestration.presenting.formats import UNKNOWN, Unit, shown
from orchestration.presenting.periods import Period
from orchestration.presenting.standing import Standing
from orchestration.text.terminal import stripped

MANY_TIMES = 10
"""From here on a rise is told as a multiple."""


def relative(value: Decimal, before: Decimal) -> str:
    """`+8.0%`, `×12`; empty where there was nothing to compare with."""
    if before <= 0:
        return ""
    if value / before >= MANY_TIMES:
        return f"×{value / before:,.0f}"
    return shown((value - before) / before * 100, Unit.PERCENT_CHANGE)


@dataclass(frozen=True)
class KeyFigure:
    """One number with what it was before."""

    label: str
    value: Any
    unit: Unit
    before: Any = None
    before_label: str = ""
    note: str = ""
    is_less_better: bool | None = None
    """None where neither is."""

    @property
    def words(self) -> str:
        """The value; counts in full up to six digits."""
        is_long = self.unit is Unit.COUNT and self.value is not None and abs(self.value) >= 10**6
        return shown(self.value, self.unit, is_short=is_long)

    @property
    def change(self) -> str:
        """Against the period before: parts of a whole in points, other figures in percent; empty where not known."""
        if self.value is None or self.before is None:
            return ""
        value, before = Decimal(str(self.value)), Decimal(str(self.before))
        if self.unit in (Unit.RATIO, Unit.PERCENT):
            points = (value - before) * (100 if self.unit is Unit.RATIO else 1)
            return f"{points:+.1f} points"
        return relative(value, before) or f"from {shown(self.before, self.unit, is_short=True)}"

    @property
    def judgement(self) -> str:
        """`good`, `bad` or nothing."""
        if self.is_less_better is None or self.value is None or self.before is None or self.value == self.before:
            return ""
        return "good" if (self.value < self.before) == self.is_less_better else "bad"


@dataclass(frozen=True)
class KeyFigures:
    """Numbers side by side."""

    figures: Sequence[KeyFigure]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    label: str
    unit: Unit
    is_optional: bool = False
    """Whether a row may have none of it: then it is not unknown."""


@dataclass(frozen=True)
class Table:
    """Rows under columns. `total` is a row of its own; `marks` names the judgement of cells by (row, column)."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    note: str = ""
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def words(self, row: Sequence[Any]) -> list[str]:
        """A row as it is read."""
        return [_cell(value, column) for value, column in zip(row, self.columns, strict=True)]


@dataclass(frozen=True)
class Picture:
    """A chart: its specification, what it shows in words, and its data as a table."""

    name: str
    spec: Spec
    alternative: str
    data: Table
    kind: str


@dataclass(frozen=True)
class Words:
    """Paragraphs; with `is_list` points. `label` says first what they are about."""

    sentences: Sequence[str]
    is_list: bool = False
    label: str = ""


@dataclass(frozen=True)
class Notice:
    """A sentence that must be seen: `warning`, or `empty` where there is nothing to show and why."""

    text: str
    kind: str = "warning"


NONE = "–"
"""Where there is nothing: no name, no count, a ratio that cannot be computed. Money that is not known says so."""
Block = KeyFigures | Table | Picture | Words | Notice


@dataclass(frozen=True)
class Section:
    """A part under a title."""

    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Style:
    """How a document looks beside its content."""

    theme: str = "corporate"
    primary_color: str = "#1E3A8A"
    font: str = "Arial"
    page_numbers: bool = True
    table_of_contents: bool = True
    logo: str | None = None
    """A file, PNG or SVG."""


@dataclass(frozen=True)
class Report:
    """A whole report."""

    name: str
    title: str
    subtitle: str
    period: Period
    before: Period
    standing: Standing
    sections: Sequence[Section]
    style: Style
    made_at_utc: datetime
    has_cover: bool = False
    subject: str = ""
    """The team or customer that it is about; empty where about all."""

    @property
    def stamp(self) -> str:
        """What must stand on every page of a report whose figures are incomplete or still move."""
        if not self.standing.is_complete:
            return "incomplete data"
        return f"period {self.standing.progress}" if self.standing.progress else ""


def _cell(value: Any, column: Column) -> str:
    if value == "":
        return ""
    if value is None:
        return UNKNOWN if column.unit in (Unit.USD, Unit.USD_CHANGE) and not column.is_optional else NONE
    # The word for a total stands in the first column, whatever that counts.
    return stripped(value) if isinstance(value, str) else shown(value, column.unit)
