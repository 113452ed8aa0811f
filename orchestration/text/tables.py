"""Tables of a terminal: one line a row, no number broken, what does not fit named.

Put here: which columns fit a width, and how wide each is. Keep out: reading rows, words around a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.table import Table

GAP = 3
"""Cells between two columns."""
SHORTEST_TEXT = 10
"""Cells that a shortened text keeps at least, unless its column says how many."""
HEADER_PARTS = re.compile("[^_ ]+[_ ]*|[_ ]+")
"""What a name may be broken into: its words, each with the joint that ends it."""


@dataclass(frozen=True)
class Column:
    """One column: its name, its cells as plain text, and whether they are figures or days, which are never cut."""

    name: str
    cells: Sequence[str]
    is_whole: bool
    is_number: bool = False
    is_empty: bool = False
    """Whether no row has a value."""
    shortest: int = SHORTEST_TEXT
    """Cells that it keeps at least where it is shortened."""

    @property
    def needed(self) -> int:
        """Cells in which everything is shown, the name over several lines where it has joints."""
        return max([_longest_part(self.name), *(cell_len(cell) for cell in self.cells)])

    @property
    def least(self) -> int:
        """Cells without which the column says nothing."""
        return self.needed if self.is_whole else min(self.needed, max(self.shortest, _longest_part(self.name)))


@dataclass(frozen=True)
class Fitted:
    """Positions of the columns that are shown, the width of each, and names of those that are not."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    left_out: tuple[str, ...]


def fit(columns: Sequence[Column], width: int, wanted: Sequence[str] = ()) -> Fitted:
    """Columns that fit `width` cells, in their order, texts shortened where that lets another one in.

    The first column is always shown. The others come in by turns: those whose names are `wanted`, what has a value, and
    at last what has none; a narrower one comes in where a wider one does not.
    """
    turns = sorted(
        range(len(columns)),
        key=lambda each: (each != 0, columns[each].name not in wanted, columns[each].is_empty),
    )
    widths: dict[int, int] = {}
    spare = width + GAP
    for position in turns:
        least = columns[position].least
        if not widths or GAP + least <= spare:
            widths[position] = least
            spare -= GAP + least
    for position in sorted(widths, key=lambda each: columns[each].needed):
        more = min(max(spare, 0), columns[position].needed - widths[position])
        widths[position] += more
        spare -= more
    shown = tuple(sorted(widths))
    left_out = tuple(column.name for position, column in enumerate(columns) if position not in widths)
    return Fitted(shown, tuple(widths[position] for position in shown), left_out)


def drawn(columns: Sequence[Column], fitted: Fitted, escaped: Sequence[Sequence[str]]) -> Table:
    """The table; `escaped` are the rows' cells as markup, in the order of `columns`."""
    table = Table(show_edge=False, header_style="bold", padding=(0, 1), pad_edge=False)
    for position, wide in zip(fitted.shown, fitted.widths, strict=True):
        column = columns[position]
        table.add_column(
            folded(column.name, wide),
            justify="right" if column.is_number else "left",
            width=wide,
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in escaped:
        table.add_row(*(row[position] for position in fitted.shown))
    return table


def folded(name: str, width: int) -> str:
    """A name over as many lines as it takes, broken behind its joints."""
    lines = [""]
    for part in _parts(name):
        if lines[-1] and cell_len(lines[-1]) + cell_len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _parts(name: str) -> list[str]:
    """A name in pieces, each with the joint that ends it."""
    return HEADER_PARTS.findall(name) or [""]


def _longest_part(name: str) -> int:
    return max(cell_len(part) for part in _parts(name))
