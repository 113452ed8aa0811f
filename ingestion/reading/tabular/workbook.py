"""The table of an Excel workbook as the CSV that a person would save from it, so that what holds for CSV holds here.

Cells give what they show where that matters (days, percentages, the sign of a currency), and at most the 15 digits that
Excel keeps. Sheets with the same header are one table, such as one sheet per month; what other sheets hold is named.
Put here: sheets and cells. Keep out: headers, numbers and dates (the readers of CSV).
"""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO

from ingestion.landing.counting import counted
from ingestion.limits import LimitError, most_unpacked, unpacked_too_large
from ingestion.reading.tabular.delimited import DelimitedReader
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.reading.tabular.preamble import LOOKED_AT, IsHeader, header_at
from ingestion.vocabulary.currencies import CURRENCIES_OF_SIGNS

_FAILURES = (zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError, AttributeError)
_SIGN_IN_FORMAT = re.compile(r"\[\$([^\-\]]*)(?:-[^\]]*)?\]")


def workbook_reader(raw: BinaryIO, is_header: IsHeader | None = None) -> DelimitedReader:
    """A reader of the workbook's table; raises `UnreadableTable` where there is none."""
    stat = os.fstat(raw.fileno())
    content, remarks = _as_csv(_Book(raw, stat.st_ino, stat.st_size, stat.st_mtime_ns), is_header)
    reader = DelimitedReader(io.BytesIO(content), raw, is_header)
    reader.remarks = remarks
    return reader


class _Book:
    """An open workbook, equal to another of the same file: a file is opened once for each question about it."""

    def __init__(self, raw: BinaryIO, *identity: int) -> None:
        self.raw, self.identity = raw, identity

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Book) and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.identity)


@lru_cache(maxsize=1)
def _as_csv(book: _Book, is_header: IsHeader | None) -> tuple[bytes, tuple[str, ...]]:
    sheets = _sheets(book)
    if not sheets:
        raise UnreadableTable("the workbook has no sheet with cells; save the sheet as CSV (UTF-8)")
    headers = {title: header_at([_line(row) for row in rows[:LOOKED_AT]], is_header) for title, rows in sheets.items()}
    main = max(sheets, key=lambda title: sum(map(_filled, sheets[title])))
    names = sheets[main][headers[main]]
    lines: list[str] = []
    remarks = []
    for title, rows in sheets.items():
        if rows[headers[title]] == names:
            lines += [] if lines else map(_line, rows[: headers[title] + 1])
            lines += [_line(row + [""] * (len(names) - len(row))) for row in rows[headers[title] + 1 :]]
        else:
            remarks.append(f"its sheet {title!r} is not read ({counted(len(rows), 'row', 'rows')} of another table)")
    return "".join(lines).encode("utf-8", "replace"), tuple(remarks)


def _sheets(book: _Book) -> dict[str, list[list[str]]]:
    """The rows of every visible sheet that has some, without empty ones."""
    import openpyxl  # 0.3 s of CPU that no other file costs

    packed_bytes = os.fstat(book.raw.fileno()).st_size
    try:
        book.raw.seek(0)
        with zipfile.ZipFile(book.raw) as archive:
            if sum(each.file_size for each in archive.infolist()) > most_unpacked(packed_bytes):
                raise unpacked_too_large(most_unpacked(packed_bytes))
        workbook = openpyxl.load_workbook(book.raw, read_only=True, data_only=True)
        found = {}
        for sheet in workbook.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()
                rows = [[_text(cell) for cell in row] for row in sheet.iter_rows()]
                if rows := [_without_tail(row) for row in rows if _filled(row)]:
                    found[sheet.title] = rows
        return found
    except LimitError as error:
        raise UnreadableTable(f"the workbook {error}") from error
    except (*_FAILURES, SyntaxError) as error:
        raise UnreadableTable(f"the workbook cannot be read ({error}); save the sheet as CSV (UTF-8)") from error


def _line(row: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell.replace("\r", " ").replace("\n", " ") for cell in row])
    return text.getvalue()


def _filled(row: list[str]) -> int:
    return sum(map(bool, row))


def _without_tail(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _text(cell: Any) -> str:
    """What a cell holds, as CSV."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format or "")
    if isinstance(value, datetime):
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def _number(value: float, shown_as: str) -> str:
    number = Decimal(value if isinstance(value, int) else format(value, ".15g"))
    if "%" in shown_as:
        number *= 100
    text = f"{number:f}"
    said = _SIGN_IN_FORMAT.sub(r"\1", shown_as)
    signs = [sign for sign in CURRENCIES_OF_SIGNS if sign in said]
    return f"-{signs[0]}{text[1:]}" if signs and number < 0 else "".join([*signs[:1], text])
