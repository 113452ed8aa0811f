"""A report as an Excel workbook: a sheet per table, native charts, values stored beside every formula.

Put here: sheets, formats, charts. Keep out: figures, which text is safe (`orchestration.text.spreadsheets`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orchestration.presenting.formats import Unit
from orchestration.reports.content import Block, Column, KeyFigures, Notice, Picture, Report, Section, Table, Words
from orchestration.text.spreadsheets import clean_text

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME, WIDEST, NARROWEST = 31, 60, 9
CHARTS = {"bar": ("column", "stacked"), "area": ("area", "stacked"), "line": ("line", None), "expected": ("line", None)}


def workbook(report: Report) -> bytes:
    """The bytes of an .xlsx file."""
    import xlsxwriter

    held = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(held, options) as book:
        book.set_properties({"title": clean_text(report.title), "subject": clean_text(report.subtitle)})
        _Sheets(book, report).write()
    return held.getvalue()


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report = book, report
        color = report.style.primary_color
        self.title = book.add_format({"bold": True, "font_size": 18, "font_color": color})
        self.heading = book.add_format({"bold": True, "font_size": 12, "font_color": color})
        self.muted = book.add_format({"font_color": "#526079"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.warning = book.add_format({"bold": True, "font_color": "#B45309"})
        self.tones = {"good": "#047857", "warning": "#B45309", "bad": "#DC2626"}
        self.formats: dict[tuple[str, str], Any] = {}
        self.names: set[str] = set()
        self.table_count = 0

    def write(self) -> None:
        """The summary first, then a sheet for each section that has a table or a chart."""
        summary = self.book.add_worksheet(self._name("Summary"))
        summary.hide_gridlines(2)
        summary.set_column(0, 0, 34)
        summary.set_column(1, 1, 20)
        summary.set_column(2, 4, 26)
        summary.write_string(0, 0, clean_text(self.report.title), self.title)
        summary.write_string(1, 0, clean_text(self.report.subtitle), self.heading)
        summary.write_string(2, 0, clean_text(self.report.standing.footer), self.muted)
        if self.report.stamp:
            summary.write_string(3, 0, self.report.stamp.upper(), self.warning)
        row = 5
        for section in self.report.sections:
            row = self._summarised(summary, section, row)
        for section in self.report.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    self._table_sheet(section.title, block)
                elif isinstance(block, Picture):
                    self._chart_sheet(section.title, block)

    def _summarised(self, sheet: Any, section: Section, row: int) -> int:
        told = [block for block in section.blocks if isinstance(block, KeyFigures | Words | Notice)]
        if not told:
            return row
        if section.title:
            sheet.write_string(row, 0, clean_text(section.title), self.heading)
            row += 1
        for block in told:
            row = self._told(sheet, block, row)
        return row + 1

    def _told(self, sheet: Any, block: Block, row: int) -> int:
        if isinstance(block, KeyFigures):
            for each in block.figures:
                sheet.write_string(row, 0, clean_text(each.label))
                self._cell(sheet, row, 1, each.value, each.unit)
                said = f"{each.change} against {each.before_label}" if each.change else each.note
                sheet.write_string(row, 2, clean_text(said), self.muted)
                row += 1
            return row
        if isinstance(block, Words):
            for sentence in block.sentences:
                sheet.merge_range(row, 1 if block.label else 0, row, 4, "", self.wrapped)
                sheet.write_string(row, 1 if block.label else 0, clean_text(sentence), self.wrapped)
                if block.label:
                    sheet.write_string(row, 0, clean_text(block.label), self.muted)
                sheet.set_row(row, 15 * (1 + len(sentence) // 95))
                row += 1
            return row
        sheet.write_string(row, 0, clean_text(block.text if isinstance(block, Notice) else ""), self.warning)
        return row + 1

    def _table_sheet(self, title: str, table: Table) -> None:
        sheet = self.book.add_worksheet(self._name(title or table.name))
        self._table(sheet, table, 0)
        sheet.freeze_panes(1, 1)
        if table.note:
            sheet.write_string(len(table.rows) + 3, 0, clean_text(table.note), self.muted)

    def _table(self, sheet: Any, table: Table, top: int) -> None:
        """An Excel table with its values, and a total row whose formulas hold their values."""
        last = top + max(len(table.rows), 1)
        headers = _unique([clean_text(column.label) for column in table.columns])
        columns: list[dict[str, Any]] = []
        for place, column in enumerate(table.columns):
            described: dict[str, Any] = {"header": headers[place], "format": self._format(column.unit)}
            if table.total is not None:
                value = table.total[place]
                if place == 0:
                    described["total_string"] = "Total"
                elif isinstance(value, Decimal | int):
                    described |= {"total_function": "sum", "total_value": float(value)}
            columns.append(described)
        self.table_count += 1
        sheet.add_table(
            top, 0, last + (1 if table.total is not None else 0), len(columns) - 1,
            {
                "columns": columns, "name": f"table_{self.table_count}", "style": "Table Style Light 1",
                "total_row": table.total is not None,
            },
        )  # fmt: skip
        self._totals(sheet, table, headers, last + 1)
        for number, row in enumerate(table.rows):
            for place, (value, column) in enumerate(zip(row, table.columns, strict=True)):
                self._cell(sheet, top + 1 + number, place, value, column.unit, table.marks.get((number, place), ""))
        for place, column in enumerate(table.columns):
            longest = max([len(column.label) + 3, *(len(table.words(row)[place]) + 1 for row in table.rows[:200])])
            sheet.set_column(place, place, min(max(longest, NARROWEST), WIDEST))

    def _totals(self, sheet: Any, table: Table, headers: Sequence[str], row: int) -> None:
        """Sums by the table's name: a column alone is a reference that LibreOffice does not know."""
        for place, value in enumerate(table.total or ()):
            if place and isinstance(value, Decimal | int):
                column = re.sub(r"(['#\[\]])", r"'\1", headers[place])
                formula = f"=SUBTOTAL(109,table_{self.table_count}[{column}])"
                sheet.write_formula(row, place, formula, self._format(table.columns[place].unit), float(value))

    def _chart_sheet(self, title: str, picture: Picture) -> None:
        sheet = self.book.add_worksheet(self._name(title or picture.name))
        table = _wide(picture.data) if picture.kind in CHARTS else picture.data
        if not table.rows:
            return
        self._table(sheet, table, 0)
        kind, subtype = CHARTS.get(picture.kind, ("doughnut" if picture.kind == "pie" else "bar", None))
        if picture.kind == "heatmap":
            sheet.conditional_format(
                1, 2, len(table.rows), 2, {"type": "2_color_scale", "min_color": "#EFF6FF", "max_color": "#1E3A8A"}
            )
            return
        chart = self.book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
        numbers = [place for place, column in enumerate(table.columns) if column.unit.is_number]
        drawn = numbers if picture.kind in CHARTS else numbers[:1]
        bottom = len(table.rows) if picture.kind in CHARTS else min(len(table.rows), 15)
        for place in drawn:
            chart.add_series(
                {
                    "name": [sheet.name, 0, place],
                    "categories": [sheet.name, 1, 0, bottom, 0],
                    "values": [sheet.name, 1, place, bottom, place],
                }
            )
        chart.set_title({"name": clean_text(title or picture.name), "name_font": {"size": 12}})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        if len(drawn) == 1 and kind != "doughnut":
            chart.set_legend({"none": True})
        chart.set_size({"width": 860, "height": 380})
        sheet.insert_chart(1, len(table.columns) + 1, chart, {"description": clean_text(picture.alternative)})

    def _cell(self, sheet: Any, row: int, place: int, value: Any, unit: Unit, tone: str = "") -> None:
        """One value: unknown stays empty, text is text, days are days."""
        form = self._format(unit, tone)
        if value is None or value == "":
            sheet.write_blank(row, place, None, form)
        elif isinstance(value, bool) or unit is Unit.TEXT:
            sheet.write_string(row, place, clean_text(str(value)), form)
        elif isinstance(value, datetime | date):
            sheet.write_datetime(row, place, value, form)
        else:
            number = float(value)
            sheet.write_number(row, place, number, form) if number == number else sheet.write_blank(
                row, place, None, form
            )

    def _format(self, unit: Unit, tone: str = "") -> Any:
        key = (unit.value, tone)
        if key not in self.formats:
            color = {"font_color": self.tones[tone]} if tone in self.tones else {}
            self.formats[key] = self.book.add_format({"num_format": unit.excel, **color})
        return self.formats[key]

    def _name(self, wanted: str) -> str:
        """A name that Excel takes and no other sheet has."""
        base = _FORBIDDEN.sub(" ", clean_text(wanted)).strip()[:LONGEST_NAME] or "Sheet"
        name, number = base, 1
        while name.casefold() in self.names or name.casefold() == "history":
            number += 1
            name = f"{base[: LONGEST_NAME - len(str(number)) - 1]} {number}"
        self.names.add(name.casefold())
        return name


def _wide(table: Table) -> Table:
    """Series beside one another: a long table of day, series, amount becomes a column a series."""
    texts = [place for place, column in enumerate(table.columns) if place and column.unit is Unit.TEXT]
    amounts = [place for place, column in enumerate(table.columns) if column.unit.is_number]
    if len(texts) != 1 or len(amounts) != 1:
        kept = [place for place, column in enumerate(table.columns) if place not in texts]
        return Table(
            table.name, [table.columns[place] for place in kept], [[row[place] for place in kept] for row in table.rows]
        )
    series = list(dict.fromkeys(str(row[texts[0]]) for row in table.rows))
    days: dict[Any, dict[str, Any]] = {}
    for row in table.rows:
        days.setdefault(row[0], {})[str(row[texts[0]])] = row[amounts[0]]
    columns = [table.columns[0], *(Column(name, name, table.columns[amounts[0]].unit) for name in series)]
    return Table(table.name, columns, [[day, *(found.get(name) for name in series)] for day, found in days.items()])


def _unique(labels: Sequence[str]) -> list[str]:
    """Excel refuses a table with two columns of one name."""
    seen: dict[str, int] = {}
    named = []
    for label in labels:
        seen[label.casefold()] = seen.get(label.casefold(), 0) + 1
        named.append(label if seen[label.casefold()] == 1 else f"{label} {seen[label.casefold()]}")
    return named
