"""Budgets worked out by hand: each status, each period, month ends, a leap day, clock changes, changes within a period.

The team `steady` spends 10 USD a day from January to April 2026 and from January to March 2028.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.budgets.conftest import day, instant
from tests.support.warehouse import ScratchWarehouse


def at(warehouse: ScratchWarehouse, budget: str, when: str, columns: str) -> tuple[Any, ...]:
    """Columns of the one row of a budget on a day."""
    (row,) = warehouse.rows(
        f"select {columns} from marts.fct_budget_status_daily where budget_id = '{budget}' and usage_date = '{when}'"
    )
    return row


@pytest.mark.parametrize(
    ("budget", "status"),
    [
        # 100 USD for April, judged on the 15th of 30 days: the projection is twice the spend.
        ("above_110", "projected_over"),  # 110.000000000002
        ("exactly_110", "at_risk"),
        ("above_100", "at_risk"),
        ("exactly_100", "on_track"),
        ("above_90", "on_track"),
        ("exactly_90", "under_budget"),
    ],
)
def test_status_changes_above_its_mark_and_not_at_it(warehouse: ScratchWarehouse, budget: str, status: str) -> None:
    """D42: over_budget, projected_over (110 %), at_risk (100 %), on_track (90 %), under_budget."""
    assert at(warehouse, budget, "2026-04-15", "status") == (status,)


def test_a_budget_spent_to_the_cent_on_its_last_day_is_not_over(warehouse: ScratchWarehouse) -> None:
    assert at(warehouse, "full", "2026-04-30", "status, remaining_usd, crossed_threshold_pct") == ("on_track", 0, 100)
    assert at(warehouse, "beyond", "2026-04-30", "status") == ("over_budget",)


@pytest.mark.parametrize(
    ("budget", "when", "start", "spent", "elapsed", "remaining", "status"),
    [
        # 12 a day; the Sunday on which Berlin's day has 23 hours is a UTC day like all others: 10 / 12 = 83 %.
        ("dayly", "2026-03-28", "2026-03-28", 10, 1, 0, "under_budget"),
        ("dayly", "2026-03-29", "2026-03-29", 10, 1, 0, "under_budget"),
        ("dayly", "2026-03-30", "2026-03-30", 10, 1, 0, "under_budget"),
        # 100 a week from Monday; 7 × 10 = 70 on that Sunday, and Monday begins anew.
        ("weekly", "2026-03-29", "2026-03-23", 70, 7, 0, "under_budget"),
        ("weekly", "2026-03-30", "2026-03-30", 10, 1, 6, "under_budget"),
        # 300 a month. 30 January: 300 is not over, 300 × 31 / 30 = 310 is 103 %. 31 January: 310 > 300.
        ("monthly", "2026-01-30", "2026-01-01", 300, 30, 1, "at_risk"),
        ("monthly", "2026-01-31", "2026-01-01", 310, 31, 0, "over_budget"),
        # February: 10 × 28 = 280 is 93 %; in the leap year 10 × 29 = 290 is 97 %.
        ("monthly", "2026-02-01", "2026-02-01", 10, 1, 27, "on_track"),
        ("monthly", "2026-02-28", "2026-02-01", 280, 28, 0, "on_track"),
        ("monthly", "2028-02-28", "2028-02-01", 280, 28, 1, "on_track"),
        ("monthly", "2028-02-29", "2028-02-01", 290, 29, 0, "on_track"),
        ("monthly", "2028-03-01", "2028-03-01", 10, 1, 30, "at_risk"),  # 10 × 31 = 310
        # 1,000 a quarter: 31 + 28 + 31 = 90 days are exactly 90 %, with the leap day 91 are more.
        ("quarterly", "2026-03-31", "2026-01-01", 900, 90, 0, "under_budget"),
        ("quarterly", "2028-03-31", "2028-01-01", 910, 91, 0, "on_track"),
        ("quarterly", "2026-04-01", "2026-04-01", 10, 1, 90, "on_track"),  # 10 × 91 = 910
        # 4,000 a year: 900 × 365 / 90 = 3,650 is 91 %; 600 × 366 / 60 = 3,660 is 92 %.
        ("yearly", "2026-03-31", "2026-01-01", 900, 90, 275, "on_track"),
        ("yearly", "2028-02-29", "2028-01-01", 600, 60, 306, "on_track"),
        # 200 from 10 to 24 March, 15 days: 50 × 15 / 5 = 150.
        ("sprint", "2026-03-14", "2026-03-10", 50, 5, 10, "under_budget"),
        ("sprint", "2026-03-24", "2026-03-10", 150, 15, 0, "under_budget"),
    ],
)
def test_periods_begin_end_and_reset_by_the_calendar(
    warehouse: ScratchWarehouse,
    budget: str,
    when: str,
    start: str,
    spent: int,
    elapsed: int,
    remaining: int,
    status: str,
) -> None:
    columns = "period_start_date, spend_to_date_usd, days_elapsed, days_remaining, status"
    assert at(warehouse, budget, when, columns) == (day(start), spent, elapsed, remaining, status)


def test_a_custom_period_has_days_within_it_only(warehouse: ScratchWarehouse) -> None:
    count = "select count(*), min(usage_date), max(usage_date), max(period_end_date) from marts.fct_budget_status_daily"
    assert warehouse.rows(f"{count} where budget_id = 'sprint'") == [
        (15, day("2026-03-10"), day("2026-03-24"), day("2026-03-24"))
    ]


def test_a_budget_created_within_a_period_is_held_against_the_whole_period(warehouse: ScratchWarehouse) -> None:
    # D41: created on 10 March: 10 days × 10 = 100 of 300; 200 left for 21 days are 9.523810; 100 × 31 / 10 is 103 %.
    first = "select min(usage_date) from marts.fct_budget_status_daily where budget_id = 'born_late'"
    assert warehouse.value(first) == day("2026-03-10")
    columns = (
        "spend_to_date_usd, days_elapsed, daily_rate_usd_per_day, daily_budget_remaining_usd_per_day, "
        "projected_spend_usd, status"
    )
    assert at(warehouse, "born_late", "2026-03-10", columns) == (100, 10, 10, Decimal("9.523810"), 310, "at_risk")


def test_an_amount_changed_within_a_period_counts_from_its_day(warehouse: ScratchWarehouse) -> None:
    # 15 March: 150 of 300, 310 expected. From the 16th 400: 160 of it is 40 %, 310 of it is 77.5 %.
    columns = "amount_usd, spend_to_date_usd, remaining_usd, utilization_pct, status"
    assert at(warehouse, "raised", "2026-03-15", columns) == (300, 150, 150, 50, "at_risk")
    assert at(warehouse, "raised", "2026-03-16", columns) == (400, 160, 240, 40, "under_budget")
    ended = "select amount_usd, spend_usd from marts.rpt_budget_variance where budget_id = 'raised'"
    assert warehouse.rows(f"{ended} and period_start_date = '2026-03-01'") == [(400, 310)]


def test_unknown_budgets_and_spend_have_no_status_and_are_listed(warehouse: ScratchWarehouse) -> None:
    assert at(warehouse, "euros", "2026-03-10", "amount, currency, amount_usd, status") == (300, "EUR", None, None)
    assert at(warehouse, "dark", "2026-04-09", "spend_to_date_usd, status") == (0, "under_budget")
    assert at(warehouse, "dark", "2026-04-11", "spend_to_date_usd, unknown_cost_item_count, status") == (None, 1, None)
    assert at(warehouse, "idle", "2026-03-10", "remaining_usd, cost_basis, status") == (300, None, "under_budget")
    unknown = "select distinct budget_id, unknown_reason from marts.rpt_budget_variance where status is null order by 1"
    assert warehouse.rows(unknown) == [
        ("dark", "spend_unknown"), ("euros", "no_exchange_rate"), ("francs", "no_exchange_rate"),
        ("hourly", "spend_unknown"), ("hourly_night", "spend_unknown"),
    ]  # fmt: skip


def test_a_budget_in_another_currency_takes_the_rate_of_the_first_day_of_its_period(
    warehouse: ScratchWarehouse,
) -> None:
    # 240 CHF × 1.25 on 1 March = 300 USD through all of March, × 2 on 1 April = 480; no rate in February.
    assert at(warehouse, "francs", "2026-03-09", "amount_usd, spend_to_date_usd, status") == (300, 90, "at_risk")
    assert at(warehouse, "francs", "2026-03-31", "amount_usd, remaining_usd, status") == (300, -10, "over_budget")
    assert at(warehouse, "francs", "2026-04-01", "amount_usd, status") == (480, "under_budget")
    assert at(warehouse, "francs", "2026-02-28", "amount_usd, status") == (None, None)


def test_variance_has_a_sign(warehouse: ScratchWarehouse) -> None:
    # January 310 of 300 is 10 over; February 280 is 20 under; 100 of 100 is on it.
    rows = warehouse.rows(
        "select budget_id, variance_usd, variance_pct, variance_sign, is_period_over from marts.rpt_budget_variance "
        "where (budget_id, period_start_date) in (('monthly', '2026-01-01'), ('monthly', '2026-02-01'), "
        "('full', '2026-04-01')) order by budget_id, period_start_date"
    )
    assert rows == [
        ("full", 0, 0, "on", True),
        ("monthly", 10, Decimal("3.333333"), "over", True),
        ("monthly", -20, Decimal("-6.666667"), "under", True),
    ]


def test_an_hour_is_a_period_and_the_clock_change_neither_merges_nor_drops_one(warehouse: ScratchWarehouse) -> None:
    # 5 USD an hour. In Berlin 00:00 and 01:00 UTC of 25 October are both two o'clock: 4 and 4, not 8. On 29 March
    # there is no two o'clock: 4, 2 + 4 and 4.6 (92 %) stay in their hours.
    columns = "select usage_hour_utc, spend_usd, status from marts.fct_budget_status_hourly where budget_id ="
    assert warehouse.rows(f"{columns} 'hourly' order by 1") == [
        (instant("2026-03-29T00:00"), 4, "under_budget"),
        (instant("2026-03-29T01:00"), 6, "over_budget"),
        (instant("2026-03-29T02:00"), Decimal("4.6"), "on_track"),
        (instant("2026-10-25T00:00"), 4, "under_budget"),
        (instant("2026-10-25T01:00"), 4, "under_budget"),
        (instant("2026-10-26T01:00"), None, None),
    ]
    assert warehouse.rows(f"{columns} 'hourly_night' order by 1 limit 1")[0][0] == instant("2026-03-29T02:00")
    columns = "period_start_at_utc, spend_usd, cost_basis, status"
    assert at(warehouse, "hourly", "2026-03-29", columns) == (
        instant("2026-03-29T01:00"), 6, "contracted", "over_budget",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "spent", "basis"),
    [
        ("by_global", 15, "mixed"),  # 1 + 2 + 4 + 8
        ("by_team", 5, "billed"),  # 1 + 4
        ("by_project", 3, "mixed"),  # 1 owned by p1, 2 reported under it
        ("by_provider", 11, "mixed"),  # 1 + 2 + 8
        ("by_cost_center", 3, "mixed"),  # leaf 1 + mid 2
        ("by_tag", 48, "billed"),  # 16 + 32
        ("by_user", 64, "contracted"),
        ("by_model", 128, "contracted"),
        ("by_feature", 256, "contracted"),
    ],
)
def test_each_scope_takes_in_its_own(warehouse: ScratchWarehouse, budget: str, spent: int, basis: str) -> None:
    assert at(warehouse, budget, "2026-05-05", "spend_to_date_usd, cost_basis") == (spent, basis)


def test_a_cost_center_budget_loses_what_moved_away(warehouse: ScratchWarehouse) -> None:
    # leaf is below mid until 19 May; its 2 USD of 5 June are another's.
    assert at(warehouse, "by_cost_center", "2026-06-05", "spend_to_date_usd") == (0,)


def test_in_utc_the_daily_usage_is_read_where_it_is(warehouse: ScratchWarehouse) -> None:
    stored = "select table_type from information_schema.tables where table_name = 'int_llm_usage_reporting_daily'"
    assert warehouse.value(stored) == "VIEW"
    assert warehouse.rows("select distinct day_time_zone from marts.fct_budget_status_daily") == [("UTC",)]


@pytest.mark.parametrize(
    ("counts", "spent", "basis"),
    [
        (
            "default",
            3,
            "billed",
        ),  # what says nothing counts what models cost: 50 of GPUs and 700 of salaries are left out
        ("llm", 3, "billed"),
        ("infrastructure", 50, "rated"),
        ("own", 700, "declared"),
        ("total", 753, "mixed"),
    ],
)
def test_a_budget_counts_the_kind_of_money_it_names(
    warehouse: ScratchWarehouse, counts: str, spent: int, basis: str
) -> None:
    found = at(warehouse, f"counting_{counts}", "2026-06-06", "counts, spend_to_date_usd, cost_basis")
    assert found == ("llm" if counts == "default" else counts, spent, basis)
    variance = "select distinct counts from marts.rpt_budget_variance where budget_id = 'counting_own'"
    assert warehouse.value(variance) == "own"
