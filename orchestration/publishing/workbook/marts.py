"""Whole marts as sheets, however long: rows pass through, and a mart longer than a sheet goes on in the next one.

Put here: a sheet per mart. Keep out: the standard workbook (`sheets`, `book`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.presenting.formats import Unit
from orchestration.presenting.theme import PRIMARY
from orchestration.publishing.workbook.book import OPTIONS, write_value
from orchestration.publishing.writing import Columns
from orchestration.text.spreadsheets import clean_text

ROWS_OF_A_SHEET = 1_048_575
"""Below the headings."""
LONGEST_NAME = 31
_BY_NAME = (
    (re.compile(r"_usd_per_"), Unit.USD_FINE),
    (re.compile(r"_usd\Z"), Unit.USD),
    (re.compile(r"_ratio\Z"), Unit.RATIO),
    (re.compile(r"_pct\Z"), Unit.PERCENT),
)


def write_marts(
    connection: duckdb.DuckDBPyConnection,
    queries: Sequence[tuple[str, str, Columns]],
    file: Path,
    *,
    rows_of_a_sheet: int = ROWS_OF_A_SHEET,
) -> int:
    """Write each (name, query, columns) as a sheet; returns the rows of all."""
    import xlsxwriter

    count, taken = 0, set[str]()
    with xlsxwriter.Workbook(str(file), OPTIONS | {"constant_memory": True}) as book:
        head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": PRIMARY})
        formats = {unit: book.add_format({"num_format": unit.excel}) for unit in Unit}
        for name, query, columns in queries:
            forms = [formats[unit_of(column, kind)] for column, kind in columns]
            cursor = connection.execute(query)
            while True:
                page = _page(book, name, columns, head, taken)
                written = _rows(page, cursor, forms, rows_of_a_sheet)
                page.autofilter(0, 0, max(written, 1), len(columns) - 1)
                count += written
                if written < rows_of_a_sheet:
                    break
    return count


def unit_of(column: str, kind: str) -> Unit:
    """How a column of a mart is shown."""
    if found := next((unit for pattern, unit in _BY_NAME if pattern.search(column)), None):
        return found
    if kind.startswith("DECIMAL") or kind in ("DOUBLE", "FLOAT"):
        return Unit.DECIMAL
    if kind.endswith("INT") or kind == "INTEGER":
        return Unit.COUNT
    return Unit.DATE if kind == "DATE" else Unit.INSTANT if kind.startswith("TIMESTAMP") else Unit.TEXT


def _page(book: Any, name: str, columns: Columns, head: Any, taken: set[str]) -> Any:
    base, shown, number = name[:LONGEST_NAME], name[:LONGEST_NAME], 1
    while shown.casefold() in taken:
        number += 1
        shown = f"{base[: LONGEST_NAME - len(str(number)) - 1]} {number}"
    taken.add(shown.casefold())
    page = book.add_worksheet(shown)
    page.freeze_panes(1, 0)
    for place, (column, _) in enumerate(columns):
        page.set_column(place, place, min(max(len(column) + 3, 11), 40))
        page.write_string(0, place, clean_text(column), head)
    return page


def _rows(page: Any, cursor: duckdb.DuckDBPyConnection, forms: Sequence[Any], most: int) -> int:
    written = 0
    while written < most and (batch := cursor.fetchmany(min(10_000, most - written))):
        for row in batch:
            written += 1
            for place, (value, form) in enumerate(zip(row, forms, strict=True)):
                if value is not None:
                    write_value(page, written, place, value, form)
    return written
