"""Cells that a spreadsheet shows as they are: text from outside is never a formula, a number stays a number.

Excel, LibreOffice and Google Sheets evaluate a cell that begins with `=`, `+`, `-` or `@`, in CSV too, and some do so
after a blank, tab or line break. Put here: one value to one cell. Keep out: columns, files.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from orchestration.text.terminal import stripped

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""The wide forms of East Asian keyboards count too."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
TEXT_MARK = "'"
MAY_CHANGE = (
    r"^[^0-9A-Za-z_]|[\x00-\x1f\x7f-\x9f\x{61c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}"
    r"\x{feff}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}]"
)
"""A pattern of DuckDB's that matches every text which `csv_cell` changes, and few others: the rest need no asking."""


def clean_text(text: str) -> str:
    """Text without control and direction characters; line breaks stay within the cell."""
    return stripped(text, keep_lines=True)


def csv_cell(value: Any) -> Any:
    """A value as a CSV writer may write it: text that a spreadsheet would evaluate begins with an apostrophe."""
    if not isinstance(value, str):
        return value if value is None or isinstance(value, int | float | Decimal | date) else csv_cell(str(value))
    text = clean_text(value)
    return TEXT_MARK + text if _FORMULA.match(text) and not _NUMBER.match(text) else text


def write_cell(cell: Any, value: Any) -> None:
    """Put a value into a cell of an Excel workbook, text as text."""
    if value is None or isinstance(value, int | float | Decimal | date):
        cell.value = value
        return
    cell.value = clean_text(str(value))
    cell.data_type = "s"
    cell.quotePrefix = bool(_FORMULA.match(cell.value))
