"""A statement as files for others: CSV, journal lines for a ledger, an Excel workbook.

Put here: rendering. Keep out: the figures. The journal has two sides per cost center and kind of line, the expense
and the clearing account that the provider's invoices are booked against, so that debits equal credits line by line.
"""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from orchestration.closing.markup import MARKUP, MARKUP_COLUMNS
from orchestration.closing.periods import name_of
from orchestration.closing.statement import CENTER_COLUMNS, Statement
from orchestration.text.spreadsheets import csv_cell, write_cell

ZERO = Decimal("0.00")
LINE_COLUMNS = (
    "line_number",
    "cost_center_id",
    "team_id",
    "provider_id",
    "category",
    "cost_kind",
    "line_type",
    "charge_period_date",
    "statement_amount_usd",
    "amount_usd",
    "request_count",
    "unknown_cost_item_count",
)
JOURNAL_COLUMNS = (
    "journal_id",
    "journal_line",
    "posting_date",
    "account",
    "cost_center_id",
    "description",
    "debit",
    "credit",
    "currency",
)


def journal_lines(
    statement: Statement, expense_account: str, clearing_account: str, markup_account: str = "LLM-MARKUP"
) -> list[dict[str, Any]]:
    """Journal lines of a month in cents, as `JOURNAL_COLUMNS`; no amount is negative, debits equal credits. A mark-up
    is no invoice of a provider, so it has an account of its own on the other side."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in statement.lines:
        key = (line["cost_center_id"], line["line_type"])
        sums[key] = sums.get(key, ZERO) + (line["statement_amount_usd"] or ZERO)
    last_day = statement.period.replace(day=monthrange(statement.period.year, statement.period.month)[1])
    found: list[dict[str, Any]] = []
    for (cost_center, line_type), amount in sorted(sums.items()):
        if not amount:
            continue
        size = abs(amount).quantize(ZERO)
        other = markup_account if line_type == MARKUP else clearing_account
        for account, is_debit in ((expense_account, amount > 0), (other, amount < 0)):
            found.append(
                {
                    "journal_id": f"LLM-{name_of(statement.period)}",
                    "journal_line": len(found) + 1,
                    "posting_date": last_day,
                    "account": account,
                    "cost_center_id": cost_center,
                    "description": f"LLM cost {name_of(statement.period)}, {line_type}",
                    "debit": size if is_debit else ZERO,
                    "credit": ZERO if is_debit else size,
                    "currency": "USD",
                }
            )
    return found


def center_columns(statement: Statement) -> tuple[str, ...]:
    """Columns of its cost centers: those of a mark-up where there is one."""
    is_marked_up = bool(statement.cost_centers) and "charged_usd" in statement.cost_centers[0]
    return MARKUP_COLUMNS if is_marked_up else CENTER_COLUMNS


def as_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV with plain decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(_plain(row[name])) for name in columns] for row in rows)
    return out.getvalue()


def write_workbook(path: Path, statement: Statement, journal: Sequence[dict[str, Any]]) -> None:
    """An Excel workbook with the statement, its lines and the journal; sums are formulas that a reader can check."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheets: list[tuple[str, Sequence[dict[str, Any]], Sequence[str], tuple[str, ...]]] = [
        (
            "Statement",
            statement.cost_centers,
            center_columns(statement),
            (
                *("direct_usd", "shared_usd", "overhead_usd", "correction_usd", "statement_amount_usd"),
                *("markup_usd", "charged_usd"),
            ),
        ),
        ("Lines", statement.lines, LINE_COLUMNS, ("statement_amount_usd",)),
        ("Journal", journal, JOURNAL_COLUMNS, ("debit", "credit")),
    ]
    for number, (title, rows, columns, summed) in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = title
        sheet.append([f"LLM cost {name_of(statement.period)} ({statement.status}), US dollars"])
        sheet["A1"].font = Font(bold=True, size=14)
        sheet.append([])
        sheet.append([name.removesuffix("_usd").replace("_", " ") for name in columns])
        for cell in sheet[3]:
            cell.font = Font(bold=True)
        for row_number, row in enumerate(rows, 4):
            for index, name in enumerate(columns, 1):
                write_cell(sheet.cell(row_number, index), row[name])
        last = 3 + len(rows)
        for index, name in enumerate(columns, 1):
            letter = get_column_letter(index)
            width = max([len(name), *(len(str(_plain(row[name]))) for row in rows)])
            sheet.column_dimensions[letter].width = min(max(width + 2, 10), 44)
            places = _number_format(name)
            for row_number in range(4, last + 2):
                if places:
                    sheet[f"{letter}{row_number}"].number_format = places
            if name in summed and rows:
                sheet[f"{letter}{last + 1}"] = f"=SUM({letter}4:{letter}{last})"
                sheet[f"{letter}{last + 1}"].font = Font(bold=True)
        sheet[f"A{last + 1}"] = "Total"
        sheet[f"A{last + 1}"].font = Font(bold=True)
        sheet.freeze_panes = "A4"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _number_format(name: str) -> str:
    if name in ("amount_usd", "average_cost_usd_per_request"):
        return "#,##0.000000"
    if name.endswith("_usd") or name in ("debit", "credit"):
        return "#,##0.00"
    return "#,##0" if name.endswith("_count") else ""


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = format(value, "f")
        head, _, places = text.partition(".")
        return f"{head}.{places.rstrip('0').ljust(2, '0')}" if places else text
    return "" if value is None else value
