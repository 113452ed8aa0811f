"""Writes sheets into an .xlsx file: values and formulas both stored, Excel tables, number formats, native charts.

Unknown is an empty cell and counted on the sheet `Notes`; text is always text, whatever it begins with.

Put here: writing. Keep out: which figures (`sheets`), number formats (`presenting.formats`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.presenting.formats import Unit
from orchestration.presenting.standing import Standing
from orchestration.presenting.theme import CATEGORIES, PRIMARY
from orchestration.publishing.workbook.model import Formula, SheetChart, SheetColumn, SheetOf
from orchestration.text.spreadsheets import clean_text
from orchestration.warehouse.connection import rows_of

NOTES = "Notes"
LONGEST_CELL = 32_767
EXCELS_FIRST_YEAR = 1900
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
    "nan_inf_to_errors": True,
}
"""No text becomes a formula, a number or a link."""
_REFERENCE = re.compile(r"(?<![\w\]}])\[([^\[\]#]+)\](?!\])")
"""`[Label]`, but for what stands within `{table}[[#Data],[Label]]`."""


@dataclass(frozen=True)
class SheetWritten:
    """What the notes say of a sheet."""

    sheet: SheetOf
    row_count: int
    unknown: dict[str, int]
    """Empty cells of numbers, by heading."""


def write_workbook(
    connection: duckdb.DuckDBPyConnection, sheets: Sequence[SheetOf], standing: Standing, file: Path
) -> list[SheetWritten]:
    """Write `sheets` from a published copy whose marts are the default schema; a mart that is not there is named."""
    import xlsxwriter

    published = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    with xlsxwriter.Workbook(str(file), OPTIONS) as book:
        book.set_properties({"title": "LLM cost", "subject": clean_text(standing.period.label)})
        writer = _Writer(book, standing)
        written: list[SheetWritten] = []
        missing: list[SheetOf] = []
        for sheet in sheets:
            if set(sheet.marts) <= published:
                days = {"first": standing.period.first, "last": standing.period.last}
                wanted = {name: day for name, day in days.items() if f"${name}" in sheet.query}
                written.append(writer.sheet(sheet, rows_of(connection.execute(sheet.query, wanted))))
            else:
                missing.append(sheet)
        writer.notes(written, missing)
    return written


class _Writer:
    """One workbook."""

    def __init__(self, book: Any, standing: Standing) -> None:
        self.book, self.standing = book, standing
        self.formats = {unit: book.add_format({"num_format": unit.excel}) for unit in Unit}
        self.bold = book.add_format({"bold": True, "font_color": PRIMARY, "font_size": 13})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.amber = book.add_format({"bg_color": "#FEF3C7", "font_color": "#92400E"})
        self.red = book.add_format({"bg_color": "#FEE2E2", "font_color": "#991B1B"})

    def sheet(self, sheet: SheetOf, rows: list[dict[str, Any]]) -> SheetWritten:
        """Write one sheet; formulas get their values from the same rows."""
        page = self.book.add_worksheet(sheet.name)
        table = re.sub(r"\W", "", sheet.name)
        for column in sheet.columns:
            if column.formula:
                for row in rows:
                    row[column.name] = column.formula.value(row, rows)
        self._table(page, sheet, table, rows)
        for number, row in enumerate(rows, 1):
            for place, column in enumerate(sheet.columns):
                if column.formula:
                    self._formula(page, number, place, column, column.formula, table, row[column.name])
                else:
                    write_value(page, number, place, row[column.name], self.formats[column.unit])
        self._looks(page, sheet, rows)
        if sheet.chart and rows:
            self._chart(page, sheet, sheet.chart, len(rows))
        unknown = {
            column.label: count
            for column in sheet.columns
            if column.unit.is_number and (count := sum(row[column.name] is None for row in rows))
        }
        return SheetWritten(sheet, len(rows), unknown)

    def _table(self, page: Any, sheet: SheetOf, name: str, rows: list[dict[str, Any]]) -> None:
        has_total = any(column.total for column in sheet.columns) and bool(rows)
        columns: list[dict[str, Any]] = []
        for column in sheet.columns:
            described: dict[str, Any] = {"header": column.label, "format": self.formats[column.unit]}
            known = [row[column.name] for row in rows if row[column.name] is not None]
            if has_total and column.total and known:
                described |= {"total_function": "sum", "total_value": float(sum(known))}
            columns.append(described)
        if has_total:
            columns[0]["total_string"] = "Total"
        page.add_table(
            0, 0, max(len(rows), 1) + (1 if has_total else 0), len(columns) - 1,
            {"columns": columns, "name": name, "style": "Table Style Light 1", "total_row": has_total},
        )  # fmt: skip
        for place, described in enumerate(columns):
            if "total_value" in described:  # names its table, which LibreOffice needs
                formula = f"=SUBTOTAL(109,{name}[{described['header']}])"
                page.write_formula(len(rows) + 1, place, formula, described["format"], described["total_value"])

    def _formula(
        self, page: Any, row: int, place: int, column: SheetColumn, formula: Formula, table: str, value: Any
    ) -> None:
        """The formula with its value; where that is unknown, an empty text, as Excel would show an error."""
        text = _REFERENCE.sub(lambda found: f"{table}[[#This Row],[{found[1]}]]", formula.excel)
        text = text.replace("{table}", table)
        stored = "" if value is None else float(value)
        if value is None:
            text = f'IFERROR(IF({text}=0,"",{text}),"")'
        page.write_formula(row, place, f"={text}", self.formats[column.unit], stored)

    def _looks(self, page: Any, sheet: SheetOf, rows: list[dict[str, Any]]) -> None:
        page.freeze_panes(1, sheet.frozen_columns)
        for place, column in enumerate(sheet.columns):
            longest = max((len(_shown(row[column.name], column.unit)) for row in rows[:500]), default=0)
            page.set_column(place, place, min(max(longest + 2, len(column.label) + 4, 10), 60))
            if column.name == "used":
                for least, form in ((1.0, self.red), (0.8, self.amber)):
                    rule: dict[str, Any] = {
                        "type": "cell",
                        "criteria": ">=",
                        "value": least,
                        "format": form,
                        "stop_if_true": True,
                    }
                    page.conditional_format(1, place, max(len(rows), 1), place, rule)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.set_footer(f"&L&8{clean_text(self.standing.footer).replace('&', '&&')[:200]}&R&8&A, &P of &N")

    def _chart(self, page: Any, sheet: SheetOf, described: SheetChart, count: int) -> None:
        chart = self.book.add_chart(
            {"type": described.kind, **({"subtype": described.subtype} if described.subtype else {})}
        )
        places = {column.label: place for place, column in enumerate(sheet.columns)}
        last = min(count, described.rows or count)
        for number, label in enumerate(described.values):
            color = CATEGORIES[number % len(CATEGORIES)]
            look: dict[str, Any] = {"fill": {"color": color}}
            if described.kind == "line":
                look = {"line": {"color": color, "width": 2}}
            chart.add_series(
                {
                    "name": [sheet.name, 0, places[label]],
                    "categories": [sheet.name, 1, places[described.category], last, places[described.category]],
                    "values": [sheet.name, 1, places[label], last, places[label]],
                    **look,
                }
            )
        chart.set_title({"name": described.title, "name_font": {"size": 12}})
        if described.kind == "bar":
            chart.set_y_axis({"reverse": True})
        legend: dict[str, Any] = {"none": True} if len(described.values) == 1 else {"position": "bottom"}
        chart.set_legend(legend)
        chart.set_size({"width": 760, "height": 380})
        page.insert_chart(1, len(sheet.columns) + 1, chart, {"description": described.title})

    def notes(self, written: Sequence[SheetWritten], missing: Sequence[SheetOf]) -> None:
        """What the figures rest on, and what is in each sheet."""
        page = self.book.add_worksheet(NOTES)
        page.set_column(0, 0, 20)
        page.set_column(1, 1, 110)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        lines: list[tuple[str, str]] = [
            ("Period", f"{self.standing.period.first} to {self.standing.period.last}, both included, UTC days"),
            ("Rests on", self.standing.footer),
            *(("Incomplete", fault) for fault in self.standing.faults),
            ("Empty cells", "are unknown and count nowhere; unknown is never zero"),
            ("Digits", "Excel keeps 15; the marts, and exports in the other formats, keep all"),
        ]
        for each in written:
            unknown = ", ".join(f"{label} {count:,}" for label, count in each.unknown.items())
            empty = f" Empty cells: {unknown}." if unknown else " No figure is unknown."
            source = f" {each.row_count:,} rows from {', '.join(each.sheet.marts)}.{empty}"
            lines.append((each.sheet.name, each.sheet.explains + source))
        lines += [(each.name, f"left out: {', '.join(each.marts)} is not published") for each in missing]
        page.write_string(0, 0, "What these figures rest on", self.bold)
        for row, (name, words) in enumerate(lines, 2):
            page.write_string(row, 0, clean_text(name), self.wrapped)
            page.write_string(row, 1, clean_text(words)[:LONGEST_CELL], self.wrapped)
            page.set_row(row, 15 * (1 + len(words) // 105))


def write_value(page: Any, row: int, place: int, value: Any, form: Any) -> None:
    """One cell: unknown is empty, text is text, a number has at most the 15 digits that Excel keeps."""
    if value is None:
        page.write_blank(row, place, None, form)
    elif isinstance(value, bool):
        page.write_boolean(row, place, value, form)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, place, float(value), form)
    elif isinstance(value, date) and value.year >= EXCELS_FIRST_YEAR:
        page.write_datetime(row, place, value.replace(tzinfo=None) if isinstance(value, datetime) else value, form)
    else:
        page.write_string(row, place, clean_text(str(value))[:LONGEST_CELL], form)


def _shown(value: Any, unit: Unit) -> str:
    if value is None:
        return ""
    if unit is Unit.USD:
        return f"${value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)[:60]
