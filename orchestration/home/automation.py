"""What runs by itself and when: `automation.yml` of the home.

Put here: reading and checking it, its defaults. Keep out: jobs, Dagster's schedules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from ingestion.vocabulary.time_zones import is_zone
from ingestion.yaml_files import read_yaml

FILE = "automation.yml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_FIELDS = {"enabled", "at", "minute", "weekday", "day"}


class AutomationError(ValueError):
    """`automation.yml` cannot be used; the message names entry, field and remedy."""


@dataclass(frozen=True)
class Timing:
    """When one schedule ticks. `every`: `hour`, `day`, `week` or `month`."""

    name: str
    every: str
    what: str
    is_on: bool
    hour: int = 0
    minute: int = 0
    weekday: int = 0
    """0 is Monday."""
    day: int = 1

    @property
    def cron(self) -> str:
        """As a cron line, in the time zone of the file."""
        match self.every:
            case "hour":
                return f"{self.minute} * * * *"
            case "week":
                return f"{self.minute} {self.hour} * * {(self.weekday + 1) % 7}"
            case "month":
                return f"{self.minute} {self.hour} {self.day} * *"
            case _:
                return f"{self.minute} {self.hour} * * *"

    @property
    def words(self) -> str:
        """As a person says it."""
        clock = f"{self.hour:02d}:{self.minute:02d}"
        return {
            "hour": f"every hour at minute {self.minute}",
            "day": f"every day at {clock}",
            "week": f"every {WEEKDAYS[self.weekday].capitalize()} at {clock}",
            "month": f"on day {self.day} of each month at {clock}",
        }[self.every]

    def next_after(self, now: datetime) -> datetime:
        """When it ticks next; `now` and the result carry the time zone of the file."""
        tick = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while not self._is(tick):
            on_the_minute = tick.minute == self.minute
            tick += timedelta(hours=1) if on_the_minute else timedelta(minutes=(self.minute - tick.minute) % 60)
        return tick

    def _is(self, at: datetime) -> bool:
        if at.minute != self.minute or (self.every != "hour" and at.hour != self.hour):
            return False
        return not (
            (self.every == "week" and at.weekday() != self.weekday) or (self.every == "month" and at.day != self.day)
        )


DEFAULTS = (
    Timing("refresh_hourly", "hour", "land what is new, build what it changes", is_on=False, minute=10),
    Timing("refresh_daily_early", "day", "the main job", is_on=True, hour=5, minute=15),
    Timing(
        "rebuild_everything_weekly", "week", "everything from nothing, every check",
        is_on=True, hour=3, minute=15, weekday=6,
    ),
    Timing(
        "close_month_monthly", "month", "check last month and draft its statement",
        is_on=True, hour=7, minute=0, day=3,
    ),
)  # fmt: skip


SENSORS = {
    "alert_on_cost_change": "alerts are decided and told as soon as a run has published",
    "alert_on_failed_run": "a failed run is told of at once",
    "go_on_without_what_failed": "what did not fail is built and published in a second run",
}
"""What follows what happens, with what it does; all on where the file does not say otherwise."""


@dataclass(frozen=True)
class Automation:
    """What the file says; without one nothing ticks by itself, and a failed run is gone on with."""

    time_zone: str
    timings: tuple[Timing, ...]
    is_declared: bool
    sensors: frozenset[str] = frozenset({"go_on_without_what_failed"})
    """Those that are on."""

    def timing(self, name: str) -> Timing:
        """One schedule."""
        return next(each for each in self.timings if each.name == name)


NOTHING = Automation("UTC", tuple(replace(each, is_on=False) for each in DEFAULTS), is_declared=False)


def automation_or_nothing(home: Path) -> tuple[Automation, str | None]:
    """What runs by itself in a home, and what is wrong with the file: then nothing does, and all else goes on."""
    try:
        return automation_of(home), None
    except AutomationError as error:
        return NOTHING, str(error)


def automation_of(home: Path) -> Automation:
    """What runs by itself in a home.

    Raises:
        AutomationError: the file is wrong.
    """
    path = home / FILE
    if not path.exists():
        return NOTHING
    try:
        given = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AutomationError(f"{path}: it is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(given, dict) or not set(given) <= {"time_zone", "schedules", "sensors"}:
        raise AutomationError(f"{path}: it holds time_zone, schedules and sensors, and nothing else")
    zone = str(given.get("time_zone") or "UTC")
    if not is_zone(zone):
        raise AutomationError(f"{path}: time_zone {zone!r} is none; write one such as Europe/Berlin")
    return Automation(
        zone,
        _timings(path, given.get("schedules") or {}),
        is_declared=True,
        sensors=_sensors(path, given.get("sensors") or {}),
    )


def _sensors(path: Path, given: Any) -> frozenset[str]:
    if not isinstance(given, dict) or not set(given) <= set(SENSORS):
        raise AutomationError(f"{path}: sensors are {', '.join(SENSORS)}; found {', '.join(map(str, given))}")
    for name, value in given.items():
        if not isinstance(value, bool):
            raise AutomationError(f"{path}: {name} is true or false, not {value!r}")
    return frozenset(name for name in SENSORS if given.get(name, True))


def _timings(path: Path, given: Any) -> tuple[Timing, ...]:
    known = {each.name: each for each in DEFAULTS}
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise AutomationError(f"{path}: schedules are {', '.join(known)}; found {', '.join(map(str, given))}")
    return tuple(_timing(path, each, given.get(each.name)) for each in DEFAULTS)


def _timing(path: Path, default: Timing, given: Any) -> Timing:
    if given is None:
        return default
    where = f"{path}: {default.name}"
    if isinstance(given, bool):
        given = {"enabled": given}
    if not isinstance(given, dict) or not set(given) <= _FIELDS:
        raise AutomationError(f"{where} is true or false, or has {', '.join(sorted(_FIELDS))}")
    changes: dict[str, Any] = {}
    if "enabled" in given:
        if not isinstance(given["enabled"], bool):
            raise AutomationError(f"{where}: enabled is true or false, not {given['enabled']!r}")
        changes["is_on"] = given["enabled"]
    if "at" in given:
        if not (isinstance(given["at"], str) and (clock := CLOCK.match(given["at"]))):
            raise AutomationError(f'{where}: at {given["at"]!r} is no time; write it in quotes, "05:15"')
        changes |= {"hour": int(clock[1]), "minute": int(clock[2])}
    for name, low, high in (("minute", 0, 59), ("day", 1, 28)):
        if name in given:
            value = given[name]
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise AutomationError(f"{where}: {name} {value!r} does not lie between {low} and {high}")
            changes[name] = value
    if "weekday" in given:
        if str(given["weekday"]).lower() not in WEEKDAYS:
            raise AutomationError(f"{where}: weekday {given['weekday']!r} is none of {', '.join(WEEKDAYS)}")
        changes["weekday"] = WEEKDAYS.index(str(given["weekday"]).lower())
    return replace(default, **changes)


def written_defaults(time_zone: str = "UTC") -> str:
    """The file as `costops up` writes it where there is none."""
    lines = [
        "# What runs by itself while `costops up` (or `costops ui`) runs; read when it starts.",
        f"time_zone: {time_zone}",
        "schedules:",
    ]
    for each in DEFAULTS:
        lines.append(f"  # {each.what}, {each.words}")
        lines.append(f"  {each.name}: {_fields(each)}")
    lines.append("sensors:")
    for name, what in SENSORS.items():
        lines += [f"  # {what}", f"  {name}: true"]
    return "\n".join(lines) + "\n"


def _fields(timing: Timing) -> str:
    fields: Mapping[str, str] = {
        "hour": f"minute: {timing.minute}",
        "day": f'at: "{timing.hour:02d}:{timing.minute:02d}"',
        "week": f'weekday: {WEEKDAYS[timing.weekday]}, at: "{timing.hour:02d}:{timing.minute:02d}"',
        "month": f'day: {timing.day}, at: "{timing.hour:02d}:{timing.minute:02d}"',
    }
    return f"{{enabled: {'true' if timing.is_on else 'false'}, {fields[timing.every]}}}"
