"""Schedules of a home tick when its file says, and 30 days of them ask for each run once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import cron_string_iterator

from orchestration.defs.closing import close_month
from orchestration.defs.schedules import schedules
from orchestration.home.automation import FILE, automation_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def found(tmp_path: Path) -> dict[str, dg.ScheduleDefinition]:
    (tmp_path / FILE).write_text(
        "time_zone: Europe/Berlin\nschedules:\n  refresh_hourly: true\n  rebuild_everything_weekly: false\n"
    )
    return {each.name: each for each in schedules(automation_of(tmp_path), close_month)}


def test_they_are_on_where_the_file_says_so(found: dict[str, dg.ScheduleDefinition]) -> None:
    running = {name for name, each in found.items() if each.default_status is dg.DefaultScheduleStatus.RUNNING}
    assert running == {"refresh_hourly", "refresh_daily_early", "close_month_monthly"}
    assert {each.execution_timezone for each in found.values()} == {"Europe/Berlin"}


@pytest.mark.parametrize(
    ("name", "count"), [("refresh_hourly", 30 * 24 + 1), ("refresh_daily_early", 30), ("close_month_monthly", 1)]
)
def test_thirty_days_tick_once_each(found: dict[str, dg.ScheduleDefinition], name: str, count: int) -> None:
    """By Dagster's own clockwork, the night when clocks go back within them."""
    first = datetime(2026, 10, 10, tzinfo=BERLIN)
    last = first + timedelta(days=30)
    ticks = []
    for tick in cron_string_iterator(first.timestamp(), found[name].cron_schedule, "Europe/Berlin"):
        if tick >= last:
            break
        ticks.append(tick)
    instants = {tick.timestamp() for tick in ticks}
    assert len(instants) == len(ticks) == count


def test_a_tick_asks_for_the_main_job(found: dict[str, dg.ScheduleDefinition]) -> None:
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 11, 1, 5, 15, tzinfo=BERLIN))
    asked = found["refresh_daily_early"].evaluate_tick(context)
    assert len(asked.run_requests or []) == 1
    assert found["refresh_daily_early"].job_name == "refresh_daily"
