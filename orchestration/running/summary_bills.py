"""What the summary of a run says of bills: beside what sources recorded, without a rate, of closed months.

Put here: lines about bills. Keep out: the summary's order (`summary`).
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
from rich.console import Console

from ingestion.landing.counting import counted
from orchestration.presenting.formats import Unit, shown
from orchestration.text.terminal import plain

CURRENCIES_SHOWN = 3
BUDGETS_SHOWN = 3
MONTHS_SHOWN = 5
SMALL = Decimal("0.1")
"""Dollars below which two decimals would hide what a first file cost."""
WHAT_LACKS_A_RATE = {
    "dollars_of_charges": ("charge", "charges"),
    "dollars_of_own_costs": ("day of own costs", "days of own costs"),
    "dollars_of_invoices": ("line of invoices", "lines of invoices"),
}


def print_recorded(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """What sources recorded of their own cost, where it is not what the price list says."""
    row = connection.execute(
        "select sum(compared_recorded_cost_usd), sum(list_cost_usd), "
        "sum(case when is_beyond_rounding then abs(difference_usd) end), "
        "max_by(coalesce(provider_id || ' / ', '') || model_id || ' (' || replace(difference_class, '_', ' ') || ')', "
        "abs(difference_usd)) filter (where is_beyond_rounding), "
        "sum(uncompared_recorded_cost_usd) from rpt_recorded_cost_differences"
    ).fetchone()
    if row is None:
        return
    recorded, priced, apart, largest, unpriced = row
    if apart:
        tell(
            console,
            f"  recorded      sources say {dollars(recorded)} for calls that cost {dollars(priced)} at list prices; "
            f"largest difference: {plain(largest)} (rpt_recorded_cost_differences)",
        )
    if unpriced:
        tell(
            console,
            f"  recorded      {dollars(unpriced)} recorded by sources for usage that no price list covers",
        )


def print_charges(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Charges on calls beside the provider's own bill, where both are there and differ."""
    row = connection.execute(
        "select count(*), sum(recorded_charge_usd), sum(billed_usd - coalesce(other_metered_usd, 0)) "
        "from rpt_recorded_charges_daily where bill_status in ('bill_says_more', 'bill_says_less')"
    ).fetchone()
    if row and row[0]:
        tell(
            console,
            f"  charges       on {counted(row[0], 'day', 'days')} providers charged {dollars(row[1])} on calls and "
            "billed "
            f"{dollars(row[2])} for them; the bill counts (rpt_recorded_charges_daily)",
        )


def print_unconverted(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Charges, own costs and invoices in currencies without a rate: they are in no dollar total."""
    rows = connection.execute(
        "select needed_for, currency, sum(row_count), sum(unconverted_amount), min(first_date) "
        "from rpt_missing_fx_rates where currency is not null and needed_for like 'dollars_of_%' "
        "group by 1, 2 order by 3 desc, 1, 2"
    ).fetchall()
    if not rows:
        return
    shown = [
        f"{amount:,.2f} {plain(currency)} ({counted(count, *WHAT_LACKS_A_RATE[needed_for])} since {first})"
        for needed_for, currency, count, amount, first in rows[:CURRENCIES_SHOWN]
    ]
    more = f" and {len(rows) - CURRENCIES_SHOWN} more" if len(rows) > CURRENCIES_SHOWN else ""
    tell(
        console,
        f"  [yellow]currencies[/]    without a rate, in no dollar total: {'; '.join(shown)}{more}; add the rates to "
        "fx_rates.csv (rpt_missing_fx_rates has the lines)",
    )


def print_unjudged_budgets(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Budgets in currencies without a rate: nothing is held against them, and they never alert."""
    rows = connection.execute(
        "select budget_id, currency, any_value(amount), min(period_start_date) from rpt_budget_variance "
        "where unknown_reason = 'no_exchange_rate' group by 1, 2 order by 4, 1"
    ).fetchall()
    if not rows:
        return
    shown = [f"{plain(budget)} ({amount:,.2f} {plain(currency)})" for budget, currency, amount, _ in rows]
    more = f" and {len(shown) - BUDGETS_SHOWN} more" if len(shown) > BUDGETS_SHOWN else ""
    tell(
        console,
        f"  [yellow]budgets[/]       without a rate, so without status and alerts: {'; '.join(shown[:BUDGETS_SHOWN])}"
        f"{more}; add the rate of {rows[0][3]} or before to fx_rates.csv",
    )


def print_corrections(connection: duckdb.DuckDBPyConnection, console: Console) -> None:
    """What has changed since of months that are closed, and which statement carries it."""
    rows = connection.execute(
        "select charge_period_date, statement_period_date, sum(amount_usd), count(*), "
        "arg_max(cost_center_id, abs(amount_usd)), arg_max(amount_usd, abs(amount_usd)) from fct_chargeback_lines "
        "where line_type = 'correction' and period_status = 'open' and amount_usd <> 0 group by 1, 2 order by 1, 2"
    ).fetchall()
    for month, statement, amount, count, largest, its_amount in rows[:MONTHS_SHOWN]:
        tell(
            console,
            f"  corrections   {month:%Y-%m} is closed and changed by {dollars(amount)} since, in "
            f"{counted(count, 'line', 'lines')} of the statement of {statement:%Y-%m}; largest: {plain(largest)} "
            f"{dollars(its_amount)} (costops chargeback {statement:%Y-%m})",
        )


def tell(console: Console, line: str) -> None:
    """A line of the summary, as long as it is."""
    console.print(line, highlight=False, soft_wrap=True)


def dollars(amount: Decimal | float | None, sign: str = "$") -> str:
    """Money for reading: two decimals, below ten cents four digits that say something, a dash for unknown."""
    if amount is None:
        return "–"
    is_small = 0 < abs(Decimal(str(amount))) < SMALL
    return shown(amount, Unit.USD_FINE if is_small else Unit.USD).replace("$", sign)
