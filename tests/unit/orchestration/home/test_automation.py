"""What runs by itself: the file, its errors, when it ticks, against another implementation of cron."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from orchestration.home.automation import (
    DEFAULTS,
    FILE,
    SENSORS,
    AutomationError,
    Timing,
    automation_of,
    automation_or_nothing,
    written_defaults,
)


def test_without_a_file_nothing_runs_by_itself(tmp_path: Path) -> None:
    found = automation_of(tmp_path)
    assert not any(timing.is_on for timing in found.timings)
    assert not found.is_declared


def test_the_file_that_is_written_says_the_defaults(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(written_defaults("Europe/Berlin"))
    found = automation_of(tmp_path)
    assert found.timings == DEFAULTS
    assert found.time_zone == "Europe/Berlin"
    assert found.sensors == frozenset(SENSORS)


def test_a_sensor_is_off_where_the_file_says_so_and_without_a_file(tmp_path: Path) -> None:
    assert automation_of(tmp_path).sensors == {"go_on_without_what_failed"}
    (tmp_path / FILE).write_text("sensors: {alert_on_cost_change: false}\n")
    assert automation_of(tmp_path).sensors == {"alert_on_failed_run", "go_on_without_what_failed"}


def test_what_is_not_said_is_as_by_default(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('schedules:\n  refresh_daily_early: {at: "23:05"}\n  refresh_hourly: true\n')
    found = automation_of(tmp_path)
    assert (found.timing("refresh_daily_early").cron, found.timing("refresh_daily_early").is_on) == ("5 23 * * *", True)
    assert found.timing("refresh_hourly").is_on
    assert found.timing("close_month_monthly") == DEFAULTS[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "time_zone, schedules and sensors, and nothing else"),
        ("time_zone: Mars/Olympus", "write one such as Europe/Berlin"),
        ("schedules: {refresh_dayly: true}", "schedules are refresh_hourly"),
        ("schedules: {refresh_hourly: {minute: 60}}", "between 0 and 59"),
        ("schedules: {refresh_daily_early: {at: 5}}", "write it in quotes"),
        ("schedules: {refresh_daily_early: {enabled: maybe}}", "enabled is true or false"),
        ("schedules: {rebuild_everything_weekly: {weekday: someday}}", "none of monday"),
        ("schedules: {close_month_monthly: {day: 31}}", "between 1 and 28"),
        ("schedules: {refresh_hourly: {when: now}}", "has at, day, enabled, minute, weekday"),
        ("sensors: {alert_on_anything: true}", "sensors are alert_on_cost_change"),
        ("sensors: {alert_on_failed_run: 1}", "alert_on_failed_run is true or false"),
        ("schedules: [", "it is no YAML"),
    ],
)
def test_what_is_wrong_is_said_and_stops_nothing_else(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(AutomationError, match=r"automation\.yml") as raised:
        automation_of(tmp_path)
    assert said in str(raised.value)
    found, problem = automation_or_nothing(tmp_path)
    assert problem is not None
    assert not any(timing.is_on for timing in found.timings)


@given(
    st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2028-01-01")),
    st.sampled_from(["hour", "day", "week", "month"]),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 6),
    st.integers(1, 28),
)
def test_the_next_tick_is_that_of_cron(
    now: datetime, every: str, hour: int, minute: int, weekday: int, day: int
) -> None:
    timing = Timing("t", every, "", is_on=True, hour=hour, minute=minute, weekday=weekday, day=day)
    here = now.replace(tzinfo=ZoneInfo("UTC"))
    expected = croniter(timing.cron, now.replace(second=0, microsecond=0) + timedelta(seconds=59)).get_next(datetime)
    assert timing.next_after(here).replace(tzinfo=None) == expected
