"""Budgets by user, model and feature go by days of the reporting zone; all others by UTC days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.integration.reporting_zone.conftest import ZonedWarehouse, instant


def at(warehouse: ZonedWarehouse, zone: str, budget: str, when: str, columns: str) -> tuple[Any, ...]:
    """Columns of the one row of a budget on a day."""
    (row,) = warehouse.built(zone).rows(
        f"select {columns} from marts.fct_budget_status_daily where budget_id = '{budget}' and usage_date = '{when}'"
    )
    return row


@pytest.mark.parametrize(
    ("zone", "budget", "when", "start", "spent", "elapsed", "remaining"),
    [
        # A dollar an hour from 24 to 26 October UTC: 25 October in Berlin has 25 of them, 29 March 23.
        ("Europe/Berlin", "ana_daily", "2026-10-25", "2026-10-25", 25, 1, 0),
        ("Europe/Berlin", "ana_daily", "2026-10-26", "2026-10-26", 24, 1, 0),
        ("Europe/Berlin", "ana_daily", "2026-03-29", "2026-03-29", 23, 1, 0),
        # The last hour of the 26th UTC is midnight of the 27th in Berlin.
        ("Europe/Berlin", "ana_daily", "2026-10-27", "2026-10-27", 1, 1, 0),
        ("Europe/Berlin", "model_daily", "2026-10-25", "2026-10-25", 25, 1, 0),
        # 31 March, Berlin: 21:00 UTC is 23:00 (1); 22:00, 23:00 and 00:00 UTC are April: 2 + 4 + 8.
        ("Europe/Berlin", "mona_month", "2026-03-31", "2026-03-01", 1, 31, 0),
        ("Europe/Berlin", "mona_month", "2026-04-01", "2026-04-01", 14, 1, 29),
        # The feature f: 1 in March, 2 in April.
        ("Europe/Berlin", "feature_monthly", "2026-03-31", "2026-03-01", 1, 31, 0),
        ("Europe/Berlin", "feature_monthly", "2026-04-30", "2026-04-01", 2, 30, 0),
        # The fourth quarter begins at 22:00 UTC of 30 September: 32, and not the 16 of the hour before.
        ("Europe/Berlin", "mona_quarter", "2026-10-01", "2026-10-01", 32, 1, 91),
        # Monday 2 November begins at 23:00 UTC of Sunday: 2, and not the 1 of the hour before.
        ("Europe/Berlin", "mona_week", "2026-11-02", "2026-11-02", 2, 1, 6),
        # 10 and 11 November: 128 + 256, not the 64 before nor the 512 after.
        ("Europe/Berlin", "mona_custom", "2026-11-11", "2026-11-10", 384, 2, 0),
        # 2027 begins at 23:00 UTC of 31 December.
        ("Europe/Berlin", "mona_year", "2027-01-01", "2027-01-01", 2, 1, 364),
        # 29 February 2028: 23:00 UTC of the 28th (8) to 22:00 UTC of the 29th (16). February: 4 + 8 + 16; March: 32.
        ("Europe/Berlin", "mona_day", "2028-02-29", "2028-02-29", 24, 1, 0),
        ("Europe/Berlin", "mona_month", "2028-02-29", "2028-02-01", 28, 29, 0),
        ("Europe/Berlin", "mona_month", "2028-03-01", "2028-03-01", 32, 1, 30),
        # In New York all of 21:00 to 00:00 UTC is the evening of 31 March: 1 + 2 + 4 + 8.
        ("America/New_York", "mona_month", "2026-03-31", "2026-03-01", 15, 31, 0),
        ("America/New_York", "mona_month", "2026-04-01", "2026-04-01", 0, 1, 29),
        # 25 October is a day like others there: 04:00 UTC to 04:00 UTC.
        ("America/New_York", "ana_daily", "2026-10-25", "2026-10-25", 24, 1, 0),
        # 4 + 8 on the evening of the 28th, 16 + 32 on that of the leap day.
        ("America/New_York", "mona_day", "2028-02-29", "2028-02-29", 48, 1, 0),
        # UTC: 1 + 2 + 4 in March, 8 in April.
        ("UTC", "mona_month", "2026-03-31", "2026-03-01", 7, 31, 0),
        ("UTC", "mona_month", "2026-04-01", "2026-04-01", 8, 1, 29),
        ("UTC", "ana_daily", "2026-10-25", "2026-10-25", 24, 1, 0),
        ("UTC", "mona_day", "2028-02-29", "2028-02-29", 48, 1, 0),
    ],
)
def test_periods_of_metered_usage_go_by_days_of_the_zone(
    warehouse: ZonedWarehouse, zone: str, budget: str, when: str, start: str, spent: int, elapsed: int, remaining: int
) -> None:
    columns = "period_start_date, spend_to_date_usd, days_elapsed, days_remaining, day_time_zone"
    expected = (date.fromisoformat(start), spent, elapsed, remaining, zone)
    assert at(warehouse, zone, budget, when, columns) == expected


def test_only_the_25th_hour_breaks_the_budget_of_a_day(warehouse: ZonedWarehouse) -> None:
    # 24 USD a day at a dollar an hour: 25 of 24 in Berlin; 24 of 24, which is not over, a day later and in UTC;
    # 23 of 24 in spring.
    assert at(warehouse, "Europe/Berlin", "ana_daily", "2026-10-25", "status, remaining_usd") == ("over_budget", -1)
    assert at(warehouse, "Europe/Berlin", "ana_daily", "2026-10-26", "status") == ("on_track",)
    assert at(warehouse, "Europe/Berlin", "ana_daily", "2026-03-29", "status, remaining_usd") == ("on_track", 1)
    assert at(warehouse, "UTC", "ana_daily", "2026-10-25", "status") == ("on_track",)


def test_budgets_that_bills_fill_stay_on_utc_days(warehouse: ZonedWarehouse) -> None:
    columns = "day_time_zone, period_start_at_utc, period_start_local, round(spend_usd, 6)"
    assert at(warehouse, "Europe/Berlin", "everyone_daily", "2026-10-25", columns) == (
        "UTC", instant("2026-10-25T00:00"), "2026-10-25 02:00 +02:00", 24,
    )  # fmt: skip
    assert at(warehouse, "Europe/Berlin", "ana_daily", "2026-10-25", columns) == (
        "Europe/Berlin", instant("2026-10-24T22:00"), "2026-10-25 00:00 +02:00", 25,
    )  # fmt: skip
    named = "budget_id like 'ana%' or scope_type = 'global'"
    zones = f"select scope_type, period, day_time_zone from marts.dim_budgets where {named}"
    assert sorted(warehouse.built("Europe/Berlin").rows(zones)) == [
        ("global", "day", "UTC"), ("global", "month", "UTC"), ("user", "day", "Europe/Berlin"), ("user", "hour", "UTC"),
    ]  # fmt: skip


def test_a_period_is_over_by_the_days_of_its_own_zone(warehouse: ZonedWarehouse) -> None:
    # The newest hour is 22:00 UTC of 30 March 2028: in Berlin the last day of March has begun, in UTC it has not.
    over = (
        "select budget_id, is_period_over from marts.rpt_budget_variance "
        "where budget_id in ('mona_month', 'everyone_monthly') and period_start_date = '2028-03-01' order by 1"
    )
    assert warehouse.built("Europe/Berlin").rows(over) == [("everyone_monthly", False), ("mona_month", True)]
    assert warehouse.built("UTC").rows(over) == [("everyone_monthly", False), ("mona_month", False)]


def test_the_doubled_hour_is_two_hours_told_apart_by_offset(warehouse: ZonedWarehouse) -> None:
    hours = (
        "select usage_hour_utc, usage_hour_local, round(spend_usd, 6), status from marts.fct_budget_status_hourly "
        "where usage_hour_utc between '2026-10-25 00:00' and '2026-10-25 01:00' order by 1"
    )
    assert warehouse.built("Europe/Berlin").rows(hours) == [
        (instant("2026-10-25T00:00"), "2026-10-25 02:00 +02:00", 1, "over_budget"),
        (instant("2026-10-25T01:00"), "2026-10-25 02:00 +01:00", 1, "over_budget"),
    ]
    assert [row[1] for row in warehouse.built("UTC").rows(hours)] == [
        "2026-10-25 00:00 +00:00",
        "2026-10-25 01:00 +00:00",
    ]
    shown = "period_start_local, day_time_zone"
    assert at(warehouse, "UTC", "ana_hourly", "2026-10-25", shown) == ("2026-10-25 00:00 +00:00", "UTC")


def test_another_zone_rebuilds_every_day_and_the_first_one_again_gives_the_first_figures(
    warehouse: ZonedWarehouse,
) -> None:
    zones = "select distinct day_time_zone from intermediate.int_llm_usage_reporting_daily"
    assert warehouse.built("America/New_York").rows(zones) == [("America/New_York",)]
    first, again = warehouse.built("Europe/Berlin"), warehouse.build("Europe/Berlin")
    for table in ("intermediate.int_llm_usage_reporting_daily", "marts.fct_budget_status_daily"):
        assert sorted(again.rows(f"from {table}"), key=str) == sorted(first.rows(f"from {table}"), key=str)
