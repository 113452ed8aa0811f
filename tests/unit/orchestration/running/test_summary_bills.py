"""What the summary says of bills in currencies without a rate, and of closed months."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from rich.console import Console

from orchestration.running.summary_bills import dollars, print_corrections, print_unconverted, print_unjudged_budgets


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.000415", "$0.000415"),
        ("0.00041512", "$0.0004151"),
        ("-0.02", "-$0.02"),
        ("0.1", "$0.10"),
        ("0", "$0.00"),
        ("1234.567", "$1,234.57"),
    ],
)
def test_what_a_first_file_cost_is_seen(amount: str, words: str) -> None:
    assert dollars(Decimal(amount)) == words
    assert dollars(Decimal(amount), sign="") == words.replace("$", "")


def said(*rows: tuple[str, str | None, str]) -> str:
    connection = duckdb.connect()
    connection.execute(
        "create table rpt_missing_fx_rates (needed_for text, currency text, first_date date, row_count bigint, "
        "unconverted_amount decimal(38, 12))"
    )
    for needed_for, currency, amount in rows:
        connection.execute(
            "insert into rpt_missing_fx_rates values (?, ?, date '2026-06-05', 2, ?)", [needed_for, currency, amount]
        )
    console = Console(width=300)
    with console.capture() as capture:
        print_unconverted(connection, console)
    return capture.get()


def test_amounts_without_a_rate_are_named_with_their_currency() -> None:
    text = said(("dollars_of_charges", "CNY", "1234.5"), ("reporting_currency", "EUR", "9"))
    assert "1,234.50 CNY (2 charges since 2026-06-05)" in text
    assert "fx_rates.csv" in text
    assert "EUR" not in text


def test_own_costs_and_invoices_without_a_rate_are_named_too() -> None:
    text = said(("dollars_of_own_costs", "CHF", "30"), ("dollars_of_invoices", "GBP", "60"))
    assert "60.00 GBP (2 lines of invoices since 2026-06-05); 30.00 CHF (2 days of own costs since" in text


def test_nothing_is_said_where_all_is_converted() -> None:
    assert said(("dollars_of_charges", None, "1")) == said() == ""


def test_what_changed_of_a_closed_month_is_said_with_the_statement_that_carries_it() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table fct_chargeback_lines (charge_period_date date, statement_period_date date, line_type text, "
        "period_status text, cost_center_id text, amount_usd decimal(38, 12))"
    )
    for line_type, status, cost_center, amount in (
        ("correction", "open", "rnd", "-200"),
        ("correction", "open", "ops", "30.5"),
        ("correction", "closed", "ops", "7"),
        ("direct", "open", "ops", "1000"),
    ):
        connection.execute(
            "insert into fct_chargeback_lines values (date '2026-05-01', date '2026-06-01', ?, ?, ?, ?)",
            [line_type, status, cost_center, amount],
        )
    console = Console(width=300)
    with console.capture() as capture:
        print_corrections(connection, console)
    text = capture.get()
    assert "2026-05 is closed and changed by -$169.50 since, in 2 lines of the statement of 2026-06" in text
    assert "largest: rnd -$200.00" in text


def test_a_budget_that_no_rate_converts_is_named_as_it_can_never_alert() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table rpt_budget_variance (budget_id text, currency text, amount decimal(38, 12), "
        "period_start_date date, unknown_reason text)"
    )
    console = Console(width=300)
    with console.capture() as capture:
        print_unjudged_budgets(connection, console)
    assert capture.get() == ""
    for budget, month, reason in (("b", 5, "no_exchange_rate"), ("b", 6, "no_exchange_rate"), ("c", 5, None)):
        connection.execute(
            "insert into rpt_budget_variance values (?, 'EUR', 100, make_date(2026, ?, 1), ?)", [budget, month, reason]
        )
    with console.capture() as capture:
        print_unjudged_budgets(connection, console)
    text = " ".join(capture.get().split())
    assert text == (
        "budgets without a rate, so without status and alerts: b (100.00 EUR); add the rate of 2026-05-01 or before to "
        "fx_rates.csv"
    )
