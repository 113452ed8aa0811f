"""Lines that portals and spreadsheets write above a header: a title, who asked, for which days.

Put here: where the header of a file is. Keep out: what its columns are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

LOOKED_AT = 30
"""Lines at the beginning of a file among which its header is looked for."""
DELIMITERS = ",;\t|"
_FEWEST_COLUMNS = 4
_VALUE = re.compile(r"[-+($€£]*\d[\d.,:/ TZ()+-]*%?|\s*")
"""A number, a day, a time, or nothing: what is no name of a column."""


IsHeader = Callable[[list[str]], bool]
"""Whether the cells of a line are the header of a file whose columns are known."""
_SAID_BY_EXCEL = re.compile(r'"?sep=([,;|\t])"?')


def delimiter_of(header: str) -> str:
    """What stands between the cells of a header."""
    return max(DELIMITERS, key=header.count)


def said_delimiter(line: str) -> str | None:
    """What a first line of Excel says stands between cells (`sep=;`)."""
    said = _SAID_BY_EXCEL.fullmatch(line.strip())
    return said[1] if said else None


def header_at(lines: Sequence[str], is_header: IsHeader | None = None) -> int:
    """The index of the header among the first lines of a file: the first that says something, unless it has less than
    half of the cells of a later line that can only be a header.

    Such a line has names and nothing else, none of them twice, lines like it do not come before it, and what follows
    has as many cells, with a value among them. What `is_header` takes for one comes first.
    """
    said = [place for place, line in enumerate(lines) if line.strip()]
    if not said:
        return 0
    cells = {place: _cells(lines[place]) for place in said}
    if is_header and (told := next((place for place in said if is_header(cells[place])), None)) is not None:
        return told
    first = said[0]
    for place, after in pairwise(said):
        names, row = cells[place], cells[after]
        if _filled(cells[first]) * 2 >= len(names):
            continue
        has_names = len(names) >= _FEWEST_COLUMNS and _are_names(names)
        if has_names and len(row) == len(names) and any(cell.strip() and _VALUE.fullmatch(cell) for cell in row):
            return place
    return first


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return []


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _are_names(cells: list[str]) -> bool:
    names = [cell.strip().lower() for cell in cells]
    return len(set(names)) == len(names) and not any(_VALUE.fullmatch(name) for name in names)
