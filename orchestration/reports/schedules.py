"""Reports that go out by themselves: `reports/schedules.yml` of the home.

Put here: reading and checking it, when an entry is due, pausing. Keep out: making and sending reports.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ingestion.vocabulary.time_zones import is_zone
from ingestion.whole_files import replace_file
from ingestion.yaml_files import read_yaml
from orchestration.home.automation import CLOCK, WEEKDAYS
from orchestration.reports.channels import channel_names, report_channels
from orchestration.reports.rendering import ENDINGS
from orchestration.reports.template import Template

FILE = "schedules.yml"
FREQUENCIES = ("daily", "weekly", "monthly")
PERIODS = {"daily": "yesterday", "weekly": "last_week", "monthly": "last_month"}
_FIELDS = {
    "name", "template", "frequency", "at", "weekday", "day", "time_zone", "period", "format", "team", "customer",
    "provider", "attachments", "deliver", "is_paused",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
_ATTACHMENT = re.compile(r"(rpt|fct|dim)_[a-z0-9_]+\Z")


class ScheduleError(ValueError):
    """An entry cannot be used; the message names file, entry, field and remedy."""


@dataclass(frozen=True)
class Delivery:
    """Where a report goes: a channel and what that channel takes."""

    channel: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    """One report, when it is due and where it goes."""

    name: str
    template: str
    frequency: str
    at: time
    time_zone: str
    period: str
    form: str
    deliveries: Sequence[Delivery]
    weekday: int = 0
    """0 is Monday; of weekly ones."""
    day: int = 1
    """Of monthly ones; in shorter months the last."""
    team: str | None = None
    customer: str | None = None
    provider: str | None = None
    attachments: Sequence[str] = ()
    """Marts that go along as CSV, the rows of the report's period where they have days."""
    is_paused: bool = False

    @property
    def words(self) -> str:
        """When it is due."""
        when = {
            "daily": "every day",
            "weekly": f"every {WEEKDAYS[self.weekday].capitalize()}",
            "monthly": f"on day {self.day} of each month",
        }
        return f"{when[self.frequency]} at {self.at:%H:%M} {self.time_zone}"

    @property
    def cron(self) -> str:
        """As a cron line, in its time zone; of a monthly one that is due on a day no month lacks."""
        minute, hour = self.at.minute, self.at.hour
        if self.frequency == "weekly":
            return f"{minute} {hour} * * {(self.weekday + 1) % 7}"
        return (
            f"{minute} {hour} {'L' if self.day > 28 else self.day} * *"
            if self.frequency == "monthly"
            else f"{minute} {hour} * * *"
        )

    def newest_due(self, now: datetime) -> datetime:
        """When it was last due, `now` and the result in UTC without a zone. In the night when clocks go forward, a
        time that is left out counts as the one an hour later; one that comes twice counts once, the first time."""
        zone = ZoneInfo(self.time_zone)
        here = now.replace(tzinfo=UTC).astimezone(zone)
        day = here.date()
        while True:
            if self._is_on(day):
                due = datetime.combine(day, self.at, zone).astimezone(UTC).replace(tzinfo=None)
                if due <= now:
                    return due
            day -= timedelta(days=1)

    def _is_on(self, day: Any) -> bool:
        if self.frequency == "weekly":
            return bool(day.weekday() == self.weekday)
        last = calendar.monthrange(day.year, day.month)[1]
        return self.frequency == "daily" or day.day == min(self.day, last)


def load_schedules(folder: Path, templates: Mapping[str, Template]) -> tuple[list[Schedule], list[str]]:
    """The entries of a home, and what is wrong with those that cannot be used."""
    path = folder / FILE
    if not path.exists():
        return [], []
    try:
        given = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return [], [f"{path}: it is no YAML: {str(error).splitlines()[0]}"]
    if not isinstance(given, list):
        return [], [f"{path}: it is a list of entries, each with name, template, frequency, at and deliver"]
    found: list[Schedule] = []
    problems: list[str] = []
    for number, entry in enumerate(given, 1):
        try:
            schedule = _schedule(path, number, entry, templates)
            if any(each.name == schedule.name for each in found):
                raise ScheduleError(f"{path}: entry {number}: another entry is called {schedule.name}")
            found.append(schedule)
        except ScheduleError as error:
            problems.append(str(error))
    return found, problems


def _schedule(path: Path, number: int, given: Any, templates: Mapping[str, Template]) -> Schedule:
    where = f"{path}: entry {number}"
    if not isinstance(given, dict):
        raise ScheduleError(f"{where} is no mapping")
    if unknown := sorted(set(map(str, given)) - _FIELDS):
        raise ScheduleError(
            f"{where} has {', '.join(unknown)}, which nothing reads; known: {', '.join(sorted(_FIELDS))}"
        )
    name, template = str(given.get("name", "")), str(given.get("template", ""))
    if not _NAME.match(name):
        raise ScheduleError(f"{where}: name {name!r} holds small letters, digits and _ only, and begins with a letter")
    where = f"{path}: {name}"
    if template not in templates:
        raise ScheduleError(f"{where}: there is no template {template!r}; there are: {', '.join(sorted(templates))}")
    frequency = given.get("frequency")
    if frequency not in FREQUENCIES:
        raise ScheduleError(f"{where}: frequency {frequency!r} is none of {', '.join(FREQUENCIES)}")
    at = given.get("at", "09:00")
    if not (isinstance(at, str) and (clock := CLOCK.match(at))):
        raise ScheduleError(f'{where}: at {at!r} is no time; write it in quotes, "09:00"')
    weekday = str(given.get("weekday", "monday")).lower()
    if weekday not in WEEKDAYS:
        raise ScheduleError(f"{where}: weekday {weekday!r} is none of {', '.join(WEEKDAYS)}")
    day = given.get("day", 1)
    if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 31:
        raise ScheduleError(f"{where}: day {day!r} is no day of a month")
    form = str(given.get("format", templates[template].formats[0]))
    if form not in ENDINGS:
        raise ScheduleError(f"{where}: format {form!r} is none of {', '.join(ENDINGS)}")
    attachments = given.get("attachments") or []
    if not isinstance(attachments, list) or not all(_ATTACHMENT.match(str(each)) for each in attachments):
        raise ScheduleError(f"{where}: attachments {attachments!r} are names of marts, such as rpt_cost_daily")
    return Schedule(
        name=name, template=template, frequency=frequency, at=time(int(clock[1]), int(clock[2])),
        time_zone=_zone(where, given.get("time_zone", "UTC")), form=form,
        period=str(given.get("period", PERIODS[frequency])),
        deliveries=_deliveries(where, given.get("deliver")), weekday=WEEKDAYS.index(weekday), day=day,
        team=_subject(given, "team"), customer=_subject(given, "customer"), provider=_subject(given, "provider"),
        attachments=tuple(map(str, attachments)), is_paused=given.get("is_paused") is True,
    )  # fmt: skip


def _zone(where: str, name: Any) -> str:
    if not is_zone(str(name)):
        raise ScheduleError(f"{where}: time_zone {name!r} is none; write one such as America/New_York")
    return str(name)


def _deliveries(where: str, given: Any) -> tuple[Delivery, ...]:
    if not isinstance(given, list) or not given:
        raise ScheduleError(f"{where}: deliver is a list of channels, at least one of: {', '.join(channel_names())}")
    found = []
    for each in given:
        entry = {"channel": each} if isinstance(each, str) else each
        if not isinstance(entry, dict) or entry.get("channel") not in channel_names():
            raise ScheduleError(f"{where}: deliver {each!r} names none of the channels {', '.join(channel_names())}")
        options = {str(key): value for key, value in entry.items() if key != "channel"}
        channel = next(known for known in report_channels() if known.name == entry["channel"])
        if wrong := channel.check(options):
            raise ScheduleError(f"{where}: deliver by {channel.name}: {wrong}")
        found.append(Delivery(channel.name, options))
    return tuple(found)


def _subject(given: Mapping[str, Any], name: str) -> str | None:
    """One, or several: a list, or with commas between them."""
    found = given.get(name)
    return None if found is None else ",".join(map(str, found)) if isinstance(found, list) else str(found)


def set_paused(folder: Path, name: str, *, is_paused: bool) -> None:
    """Write into the file that an entry is paused, or no longer is; other entries stay as they are.

    Raises:
        ScheduleError: there is no such entry.
    """
    _rewrite(folder, name, lambda entry: {**entry, "is_paused": is_paused} if is_paused else _unpaused(entry))


def delete(folder: Path, name: str) -> None:
    """Take an entry out of the file.

    Raises:
        ScheduleError: there is no such entry.
    """
    _rewrite(folder, name, lambda entry: None)


def _unpaused(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "is_paused"}


def _rewrite(folder: Path, name: str, change: Any) -> None:
    path = folder / FILE
    try:
        given = read_yaml(path) if path.exists() else []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScheduleError(f"{path}: it is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(given, list) or not any(isinstance(entry, dict) and entry.get("name") == name for entry in given):
        raise ScheduleError(f"there is no schedule {name!r} in {path}; costops schedules list shows them")
    kept = []
    for entry in given:
        changed = change(entry) if isinstance(entry, dict) and entry.get("name") == name else entry
        if changed is not None:
            kept.append(changed)
    replace_file(path, yaml.safe_dump(kept, sort_keys=False, allow_unicode=True))
