"""When reports are due, against another implementation of cron; and what is wrong with an entry."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from orchestration.reports.schedules import (
    FILE,
    Delivery,
    Schedule,
    ScheduleError,
    delete,
    load_schedules,
    set_paused,
)
from orchestration.reports.template import load_templates

TEMPLATES = load_templates(None)[0]
MORNING = """
- name: morning
  template: daily_summary
  frequency: daily
  at: "09:00"
  time_zone: America/New_York
  format: pdf
  deliver: [{channel: email, to: [finance@example.org]}]
"""


at = datetime.fromisoformat


def schedule(**given: object) -> Schedule:
    plain: dict[str, object] = {
        "name": "s", "template": "daily_summary", "frequency": "daily", "at": time(9), "time_zone": "UTC",
        "period": "yesterday", "form": "pdf", "deliveries": [Delivery("webhook")],
    }  # fmt: skip
    return Schedule(**(plain | given))  # type: ignore[arg-type]


@given(
    st.datetimes(at("2024-01-01 00:00"), at("2028-01-01 00:00")),
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.integers(4, 23),
    st.integers(0, 59),
    st.integers(0, 6),
    st.integers(1, 28),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_due_times_are_those_of_cron(
    now: datetime, frequency: str, hour: int, minute: int, weekday: int, day: int, zone: str
) -> None:
    """From 04:00 on, where no clock is put forward or back."""
    entry = schedule(frequency=frequency, at=time(hour, minute), weekday=weekday, day=day, time_zone=zone)
    here = now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    wall = croniter(entry.cron, here.replace(tzinfo=None) + timedelta(seconds=1)).get_prev(datetime)
    expected = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
    assert entry.newest_due(now) == expected


@pytest.mark.parametrize(
    ("day", "now", "due"),
    [
        (31, at("2026-03-01 00:00"), at("2026-02-28 09:00")),
        (31, at("2026-05-01 00:00"), at("2026-04-30 09:00")),
        (29, at("2028-03-01 00:00"), at("2028-02-29 09:00")),
        (31, at("2026-03-31 08:59"), at("2026-02-28 09:00")),
    ],
)
def test_a_day_that_a_month_lacks_is_its_last(day: int, now: datetime, due: datetime) -> None:
    assert schedule(frequency="monthly", day=day).newest_due(now) == due


def test_a_clock_that_is_put_forward_loses_no_report_and_one_put_back_sends_none_twice() -> None:
    entry = schedule(at=time(2, 30), time_zone="America/New_York")
    spring = {entry.newest_due(at(f"2026-03-08 {hour:02d}:00")) for hour in range(8, 24)}
    assert len(spring) == 1
    assert next(iter(spring)).date().isoformat() == "2026-03-08"
    autumn = schedule(at=time(1, 30), time_zone="America/New_York")
    assert {autumn.newest_due(at(f"2026-11-01 {hour:02d}:00")) for hour in range(6, 24)} == {at("2026-11-01 05:30")}


def loaded(folder: Path, text: str) -> tuple[list[Schedule], list[str]]:
    (folder / FILE).write_text(text)
    return load_schedules(folder, TEMPLATES)


def test_an_entry(tmp_path: Path) -> None:
    (found,), problems = loaded(tmp_path, MORNING)
    assert problems == []
    assert found.words == "every day at 09:00 America/New_York"
    assert found.newest_due(at("2026-07-01 12:00")) == at("2026-06-30 13:00")
    assert found.newest_due(at("2026-07-01 13:00")) == at("2026-07-01 13:00")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("daily_summary", "dayly", "there is no template 'dayly'"),
        ("frequency: daily", "frequency: hourly", "none of daily, weekly, monthly"),
        ('"09:00"', "9", "write it in quotes"),
        ("America/New_York", "America/Nowhere", "write one such as America/New_York"),
        ("format: pdf", "format: docx", "none of html, pdf"),
        ("email, to: [finance@example.org]", "pigeon", "channels"),
        ("email, to: [finance@example.org]", "email", "to is empty"),
        ("finance@example.org", '"a@example.org\\nBcc: b@example.org"', "no list of addresses"),
        ("email, to: [finance@example.org]", "object_store, url: http://bucket/x", "begins with none of"),
        ("frequency: daily", "frequency: daily\n  colour: red", "colour, which nothing reads"),
        ("format: pdf", 'format: pdf\n  attachments: ["rpt; drop table"]', "are names of marts"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_and_the_others_stand(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    other = MORNING.replace("name: morning", "name: other")
    assert old in MORNING
    found, problems = loaded(tmp_path, MORNING.replace(old, new) + other)
    assert [each.name for each in found] == ["other"]
    assert len(problems) == 1
    assert said in problems[0]


def test_entries_are_paused_resumed_and_deleted_and_nothing_else_changes(tmp_path: Path) -> None:
    other = MORNING.replace("name: morning", "name: other")
    before, _ = loaded(tmp_path, MORNING + other)
    set_paused(tmp_path, "morning", is_paused=True)
    paused, _ = load_schedules(tmp_path, TEMPLATES)
    assert [each.is_paused for each in paused] == [True, False]
    set_paused(tmp_path, "morning", is_paused=False)
    assert load_schedules(tmp_path, TEMPLATES)[0] == before
    delete(tmp_path, "morning")
    assert load_schedules(tmp_path, TEMPLATES)[0] == before[1:]
    with pytest.raises(ScheduleError, match="no schedule 'morning'"):
        delete(tmp_path, "morning")
