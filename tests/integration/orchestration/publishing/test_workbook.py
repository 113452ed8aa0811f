"""The workbook as readers find it: values and formulas that agree, unknown left empty and counted, text as text."""

from __future__ import annotations

import re
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import which
from typing import Any

import duckdb
import openpyxl
import pytest

from orchestration.presenting.periods import Period
from orchestration.presenting.standing import standing_of
from orchestration.publishing.workbook.book import write_workbook
from orchestration.publishing.workbook.marts import write_marts
from orchestration.publishing.workbook.sheets import STANDARD
from orchestration.publishing.writing import columns_of
from tests.support.cost_marts import FORMULA, published_home

MARCH = Period("2026-03", "month", date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workbook")
    database = published_home(folder) / "published" / "costops.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("use marts")
        write_workbook(connection, STANDARD, standing_of(connection, MARCH, date(2026, 4, 1)), folder / "costs.xlsx")
    return folder / "costs.xlsx"


def rows(file: Path, sheet: str, *, formulas: bool = False) -> list[dict[str, Any]]:
    page = openpyxl.load_workbook(file, data_only=not formulas)[sheet]
    head, *found = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in found]


def test_it_has_the_sheets_that_are_asked_for(file: Path) -> None:
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [
        "Summary", "Daily Costs", "Team Breakdown", "Budget Variance", "Forecast", "Recommendations", "Notes",
    ]  # fmt: skip
    for page in book.worksheets[:-1]:
        assert len(page.tables) == 1
        assert page.freeze_panes in ("B2", "C2")
        assert len(page._charts) == 1  # type: ignore[attr-defined]


def test_the_figures_are_those_of_the_period(file: Path) -> None:
    """By hand: gpt-5 10.50 + 20.00 on two days; ads 4.25 + 65.25 of 105; a model without a price is unknown."""
    summary = rows(file, "Summary")
    assert [(row["Model"], row["Spend USD"], row["Mean USD per day"], row["Days"]) for row in summary] == [
        ("gpt-5", 30.500000000001, 15.25, 2),
        ("claude", 4.25, 4.25, 1),
        ("new-model", None, None, 0),
        (None, 34.750000000001, None, None),
    ]
    assert [round(row["Share"], 6) if row["Share"] is not None else None for row in summary[:3]] == [
        0.877698, 0.122302, None,
    ]  # fmt: skip
    daily = {row["Day"]: row for row in rows(file, "Daily Costs") if row["Day"] != "Total"}
    assert [(day.date().isoformat(), row["Spend USD"]) for day, row in daily.items()] == [
        ("2026-03-01", 14.75),
        ("2026-03-02", 85.250000000001),
        ("2026-03-03", 5),
    ]
    teams = {row["Team"]: row["Spend USD"] for row in rows(file, "Team Breakdown")}
    assert teams == {FORMULA: 69.5, "Search": 30.500000000001, "(no team)": 5, "Total": 105.000000000001}
    budgets = {row["Budget"]: (row["Variance USD"], row["Used"]) for row in rows(file, "Budget Variance")}
    assert budgets["Ads"] == (-0.75, 0.85)
    assert budgets["Search"] == (0.500000000001, pytest.approx(1.016666666667))
    assert budgets["Unknown"] == (None, None)


def test_every_formula_gives_the_value_that_is_stored_with_it(file: Path) -> None:
    """A reader that calculates and one that does not see the same."""
    checked = 0
    for sheet in ("Summary", "Daily Costs", "Team Breakdown", "Budget Variance"):
        values, formulas = rows(file, sheet), rows(file, sheet, formulas=True)
        for value, formula in zip(values, formulas, strict=True):
            for label, text in formula.items():
                if isinstance(text, str) and text.startswith("=") and text != FORMULA and "SUBTOTAL" not in text:
                    expected = value[label] if value[label] is None else pytest.approx(value[label], rel=1e-12)
                    assert calculated(text, value, values) == expected, (sheet, label)
                    checked += value[label] is not None
    assert checked >= 15


def calculated(formula: str, row: dict[str, Any], all_rows: list[dict[str, Any]]) -> Any:
    """The few words of Excel that the workbook uses."""
    body = formula.removeprefix("=")
    if body.startswith("IFERROR"):
        return None
    whole = [each for each in all_rows if each is not all_rows[-1]]
    body = re.sub(r"SUM\(\w+\[\[#Data\],\[([^\]]+)\]\]\)", lambda m: str(sum(each[m[1]] or 0 for each in whole)), body)
    body = re.sub(r"\w+\[\[#This Row\],\[([^\]]+)\]\]", lambda m: str(row[m[1]] or 0), body)
    if numbers := re.fullmatch(r"SUM\(([^()]*)\)", body):
        return float(sum(Decimal(each) for each in numbers[1].split(",")))
    return eval(body, {"__builtins__": {}})  # digits and one operator


def test_totals_are_formulas_with_values(file: Path) -> None:
    assert rows(file, "Daily Costs", formulas=True)[-1]["Spend USD"] == "=SUBTOTAL(109,DailyCosts[Spend USD])"
    assert rows(file, "Daily Costs")[-1]["Spend USD"] == 105.000000000001
    assert rows(file, "Recommendations")[-1]["After those above USD"] == 7.5
    assert rows(file, "Recommendations")[-1]["Saving alone USD"] is None  # savings overlap


def test_unknown_is_empty_and_counted(file: Path) -> None:
    notes = {row[0]: row[1] for row in openpyxl.load_workbook(file)["Notes"].iter_rows(values_only=True)}
    assert notes["Period"] == "2026-03-01 to 2026-03-31, both included, UTC days"
    assert "data through 2026-04-01" in notes["Rests on"]
    assert "published 2026-04-01 06:00 UTC" in notes["Rests on"]
    assert "Spend USD 1, Mean USD per day 1, Share 1" in notes["Summary"]
    assert notes["Budget Variance"].endswith(
        "3 rows from rpt_budget_variance. Empty cells: Spend USD 1, Variance USD 1, Used 1, Projected USD 1."
    )


def test_no_text_is_a_formula_a_link_or_a_number(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        pages = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        links = [name for name in archive.namelist() if "externalLink" in name]
    formulas = {text for page in pages for text in re.findall(r"<f>(.*?)</f>", page)}
    assert formulas
    assert not [text for text in formulas if "HYPERLINK" in text or text.startswith(("@", "why"))]
    assert links == []
    assert all("<hyperlink" not in page for page in pages)
    book = openpyxl.load_workbook(file)
    assert book["Recommendations"]["A2"].value == FORMULA
    shared = zipfile.ZipFile(file).read("xl/sharedStrings.xml").decode()
    assert "HYPERLINK" in shared
    assert "@why" in shared


def test_a_mart_that_is_not_published_is_named(tmp_path: Path) -> None:
    database = published_home(tmp_path) / "published" / "costops.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("use marts; drop table rpt_cost_forecast")
        standing = standing_of(connection, MARCH, date(2026, 4, 1))
        write_workbook(connection, STANDARD, standing, tmp_path / "costs.xlsx")
    book = openpyxl.load_workbook(tmp_path / "costs.xlsx")
    assert "Forecast" not in book.sheetnames
    notes = {row[0]: row[1] for row in book["Notes"].iter_rows(values_only=True)}
    assert notes["Forecast"] == "left out: rpt_cost_forecast is not published"


def test_an_empty_period_is_a_workbook_too(tmp_path: Path) -> None:
    database = published_home(tmp_path) / "published" / "costops.duckdb"
    period = Period("2020-01", "month", date(2020, 1, 1), date(2020, 1, 31))
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("use marts")
        write_workbook(connection, STANDARD, standing_of(connection, period, date(2026, 4, 1)), tmp_path / "c.xlsx")
    assert rows(tmp_path / "c.xlsx", "Summary") == []


def test_marts_longer_than_a_sheet_go_on_in_the_next(tmp_path: Path) -> None:
    long = "m" * 40
    with duckdb.connect() as connection:
        connection.execute(
            f"create table {long} as select range as id, '=' || range as text, date '0999-01-01' as day from range(25)"
        )
        written = write_marts(
            connection, [(long, f"from {long}", columns_of(connection, long))], tmp_path / "m.xlsx", rows_of_a_sheet=10
        )
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert written == 25
    assert [(page.title, page.max_row) for page in book.worksheets] == [
        ("m" * 31, 11),
        ("m" * 29 + " 2", 11),
        ("m" * 29 + " 3", 6),
    ]
    last = book.worksheets[2].cell(6, 2)
    assert (last.value, last.data_type) == ("=24", "f") or last.value == "=24"
    assert book.worksheets[2].cell(6, 3).value == "0999-01-01"
    with zipfile.ZipFile(tmp_path / "m.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet3.xml")


@pytest.mark.skipif(not which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_calculates_the_same(file: Path, tmp_path: Path) -> None:
    """It opens the file, calculates everything anew for its own format, and gives that back."""
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    for form, source in (("ods", file), ("xlsx", tmp_path / "costs.ods")):
        subprocess.run(
            [*command, "--convert-to", form, "--outdir", str(tmp_path), str(source)],
            check=True,
            capture_output=True,
            timeout=120,
        )
    for sheet in ("Summary", "Daily Costs", "Team Breakdown", "Budget Variance"):
        theirs = rows(tmp_path / "costs.xlsx", sheet)
        for mine, other in zip(rows(file, sheet), theirs, strict=True):
            for label, value in mine.items():
                if isinstance(value, int | float):
                    assert other[label] == pytest.approx(value, rel=1e-9), (sheet, label)
