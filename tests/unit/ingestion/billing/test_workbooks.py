"""Excel workbooks as bills and organisation files; the expected values are what a person reads in the sheets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion.limits import Limits, limited_to
from ingestion.reading.tabular import open_table
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.sources.org.pipeline import read_folder, source
from tests.unit.ingestion.billing.parsing import parse_file

HEADER = ["BilledCost", "BillingCurrency", "BillingAccountId", "ChargePeriodStart", "ServiceName"]


def book(path: Path, sheets: dict[str, Sequence[Sequence[Any]]], formats: dict[str, str] | None = None) -> Path:
    """A workbook; `formats` are number formats by cell of the first sheet."""
    workbook = openpyxl.Workbook()
    for number, (title, rows) in enumerate(sheets.items()):
        sheet = workbook.active if number == 0 else workbook.create_sheet()
        assert sheet is not None
        sheet.title = title
        for row in rows:
            sheet.append(list(row))
    for cell, shown in (formats or {}).items():
        workbook.worksheets[0][cell].number_format = shown
    workbook.save(path)
    return path


def june(day: int) -> datetime:
    return datetime(2026, 6, day)  # noqa: DTZ001 - a cell has no zone


def test_a_sheet_is_a_bill_below_its_title_and_above_its_total(tmp_path: Path) -> None:
    rows = [
        ["Acme AI, June 2026"],
        [],
        HEADER,
        [0.1 + 0.2, "USD", 123456789012, june(1), "A"],
        [1250.5, "USD", 123456789012, june(2), "B"],
        ["", None, "Grand Total", None, None],
    ]
    rows[-1][0] = 1250.8
    found = parse_file("focus", book(tmp_path / "june.xlsx", {"Bill": rows}))
    assert [(row["billed_cost"], row["billing_account_id"]) for row in found.rows] == [
        (Decimal("0.3"), "123456789012"),
        (Decimal("1250.5"), "123456789012"),
    ]
    assert [row["charge_period_start_utc"] for row in found.rows] == [june(1), june(2)]
    assert found.quarantined == []


def test_sheets_with_one_header_are_one_table_and_others_are_named(tmp_path: Path) -> None:
    may, next_month = [10, "USD", "a", datetime(2026, 5, 1), "A"], [20, "USD", "a", june(1), "A"]  # noqa: DTZ001
    path = book(tmp_path / "b.xlsx", {"Notes": [["hello"]], "May": [HEADER, may], "June": [HEADER, next_month]})
    assert [row["billed_cost"] for row in parse_file("focus", path).rows] == [10, 20]
    reader = open_table(path)
    reader.close()
    assert reader.remarks == ("its sheet 'Notes' is not read (1 row of another table)",)


def test_a_cell_with_the_sign_of_another_currency_is_set_aside(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", {"x": [HEADER, [10, "EUR", "a", june(1), "A"]]}, {"A2": '"$"#,##0.00'})
    assert parse_file("focus", path).reasons == ["currency_sign"]
    path = book(tmp_path / "c.xlsx", {"x": [HEADER, [-10, "EUR", "a", june(1), "A"]]}, {"A2": "#,##0.00 [$€-407]"})
    assert [row["billed_cost"] for row in parse_file("focus", path).rows] == [-10]


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", {"x": [HEADER]})
    path.write_bytes(_padded(path))
    with limited_to(Limits(unpacked_bytes=10)), pytest.raises(UnreadableTable, match="unpacks to more"):
        open_table(path)


def _padded(path: Path) -> bytes:
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/blank.bin", b"\0" * 9_000_000)
    return packed.getvalue()


def test_organisation_files_may_be_workbooks(tmp_path: Path) -> None:
    (tmp_path / "cost_centers.csv").write_text("cost_center_id\nrnd\n")
    book(tmp_path / "Teams.xlsx", {"t": [["Team ID", "Cost Centre ID", "valid_from"], ["search", "rnd", june(1)]]})
    book(
        tmp_path / "budgets.xlsx",
        {"b": [["budget_id", "scope_type", "scope_id", "period", "amount", "thresholds_pct"],
               ["s", "team", "search", "month", 5000, 80],
               ["Total", None, None, None, 5000, None]]},
    )  # fmt: skip
    tables = read_folder(tmp_path)
    assert [row.values["valid_from_utc"] for row in tables["teams"].good] == [june(1)]
    assert [row.values["amount_usd"] for row in tables["budgets"].rows] == [5000]
    assert [(note.kind, note.row) for note in tables["budgets"].notes] == [("total_line", 2)]


def test_of_a_workbook_and_a_csv_of_one_name_the_csv_is_read_and_the_other_named(tmp_path: Path) -> None:
    (tmp_path / "teams.csv").write_text("team_id,cost_center_id\na,\n")
    book(tmp_path / "teams.xlsx", {"t": [["team_id"], ["b"]]})
    routes = {name: source(tmp_path).route(name) for name in ("teams.csv", "teams.xlsx")}
    assert isinstance(routes["teams.csv"], tuple)
    assert str(routes["teams.xlsx"]) == "passed over; teams.csv is read instead"
