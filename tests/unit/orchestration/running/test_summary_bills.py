"""What the summary says of bills in currencies without a rate, and of closed months."""

from __future__ import annotations

import duckdb
from rich.console import Console

from orchestration.running.summary_bills import print_corrections, print_unconverted


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
