"""Journal lines balance for any statement, and a workbook holds the same figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.closing.exports import CENTER_COLUMNS, JOURNAL_COLUMNS, as_csv, journal_lines, write_workbook
from orchestration.closing.markup import MARKUP_COLUMNS, marked_up
from orchestration.closing.periods import PeriodError, next_period, parse_period
from orchestration.closing.statement import Statement

CENTS = st.integers(-(10**11), 10**11).map(lambda cents: Decimal(cents) / 100)


def line(cost_center: str, line_type: str, amount: Decimal | None) -> dict[str, Any]:
    names = ("line_number", "team_id", "provider_id", "category", "cost_kind", "charge_period_date", "request_count")
    return dict.fromkeys(names) | {
        "cost_center_id": cost_center,
        "line_type": line_type,
        "statement_amount_usd": amount,
        "amount_usd": amount,
        "unknown_cost_item_count": 0,
    }


@given(
    st.lists(
        st.builds(
            line,
            st.sampled_from(["a", "b", "unallocated"]),
            st.sampled_from(["direct", "shared", "overhead", "correction"]),
            st.none() | CENTS,
        )
    )
)
def test_journal_balances_to_zero_and_carries_each_cost_center(lines: list[dict[str, Any]]) -> None:
    journal = journal_lines(Statement(date(2026, 2, 1), "closed", lines, []), "6100", "2100")
    assert sum(row["debit"] for row in journal) == sum(row["credit"] for row in journal)
    assert all(
        row["debit"] >= 0 and row["credit"] >= 0 and bool(row["debit"]) != bool(row["credit"]) for row in journal
    )
    assert {row["posting_date"] for row in journal} <= {date(2026, 2, 28)}
    for cost_center in {row["cost_center_id"] for row in lines}:
        expensed = sum(
            row["debit"] - row["credit"]
            for row in journal
            if row["cost_center_id"] == cost_center and row["account"] == "6100"
        )
        charged = sum(row["statement_amount_usd"] or 0 for row in lines if row["cost_center_id"] == cost_center)
        assert expensed == charged


def test_workbook_holds_the_statement_and_sums_as_formulas(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    lines = [line("a", "direct", Decimal("10.25")), line("b", "correction", Decimal("-3.10"))]
    centers = [
        dict.fromkeys(CENTER_COLUMNS) | {"cost_center_id": name, "statement_amount_usd": amount}
        for name, amount in (("a", Decimal("10.25")), ("b", Decimal("-3.10")))
    ]
    statement = Statement(date(2026, 9, 1), "open", lines, centers)
    journal = journal_lines(statement, "6100", "2100")
    write_workbook(tmp_path / "statement.xlsx", statement, journal)
    book = load_workbook(tmp_path / "statement.xlsx")
    assert book.sheetnames == ["Statement", "Lines", "Journal"]
    column = CENTER_COLUMNS.index("statement_amount_usd") + 1
    sheet = book["Statement"]
    assert [sheet.cell(row, column).value for row in (4, 5, 6)] == [10.25, -3.1, "=SUM(H4:H5)"]
    assert as_csv(journal, JOURNAL_COLUMNS).splitlines()[1] == (
        'LLM-2026-09,1,2026-09-30,6100,a,"LLM cost 2026-09, direct",10.25,0.00,USD'
    )


def test_a_mark_up_is_a_line_of_its_own_against_an_account_of_its_own(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    amounts = {"a": Decimal("10.25"), "b": Decimal("-3.10"), "c": None, "unallocated": Decimal("5.00")}
    lines = [line(name, "direct", amount) for name, amount in amounts.items()]
    centers = [
        dict.fromkeys(CENTER_COLUMNS) | {"cost_center_id": name, "statement_amount_usd": amount}
        for name, amount in amounts.items()
    ]
    plain = Statement(date(2026, 9, 1), "open", lines, centers)
    found = marked_up(plain, Decimal(20))
    assert [(row["cost_center_id"], row["markup_usd"], row["charged_usd"]) for row in found.cost_centers] == [
        ("a", Decimal("2.05"), Decimal("12.30")),
        ("b", Decimal("-0.62"), Decimal("-3.72")),
        ("c", None, None),
        ("unallocated", None, Decimal("5.00")),
    ]
    assert [(row["cost_center_id"], row["line_type"]) for row in found.lines[4:]] == [
        ("a", "mark-up"),
        ("b", "mark-up"),
    ]
    assert (plain.lines, plain.cost_centers) == (lines, centers)
    journal = journal_lines(found, "6100", "2100", "7000")
    assert [row for row in journal if row["account"] != "7000" and "mark-up" not in row["description"]] == [
        row | {"journal_line": number}
        for row, number in zip(journal_lines(plain, "6100", "2100"), (1, 2, 5, 6, 9, 10), strict=True)
    ]
    marked = [(row["account"], row["debit"], row["credit"]) for row in journal if "mark-up" in row["description"]]
    assert marked == [
        ("6100", Decimal("2.05"), 0), ("7000", 0, Decimal("2.05")),
        ("6100", 0, Decimal("0.62")), ("7000", Decimal("0.62"), 0),
    ]  # fmt: skip
    write_workbook(tmp_path / "statement.xlsx", found, journal)
    sheet = load_workbook(tmp_path / "statement.xlsx")["Statement"]
    column = MARKUP_COLUMNS.index("charged_usd") + 1
    assert [sheet.cell(row, column).value for row in (4, 8)] == [12.3, "=SUM(O4:O7)"]


@pytest.mark.parametrize("text", ["2026-13", "2026", "2026-10-01", "2026-1", "october"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="write it as 2026-10"):
        parse_period(text)


def test_months_follow_one_another_over_the_year() -> None:
    assert next_period(parse_period("2026-12")) == date(2027, 1, 1)
    assert next_period(parse_period("2026-02")) == date(2026, 3, 1)
