"""`gpu.yml`: the time zone of logs, which `nvidia-smi` prints without one.

Put here: settings of a folder of logs, and local time to UTC. Keep out: the log format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from ingestion.landing.links import leads_outside
from ingestion.landing.model import SourceFile
from ingestion.reading.limits import FIRST_YEAR_OF_CALLS, LAST_YEAR
from ingestion.yaml_files import read_yaml

SETTINGS_NAMES = ("gpu.yml", "gpu.yaml")


class BadSettings(ValueError):
    """`gpu.yml` says something that cannot be used. The message names the file and the remedy."""


class BadTime(ValueError):
    """A timestamp that cannot be placed. `reason` is a quarantine code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def drop_folder(file: SourceFile) -> Path:
    """The GPU folder a log lies in."""
    return file.path.parents[file.relative_path.count("/")]


def host_of(file: SourceFile) -> str:
    """The first folder, or the file's name when it lies in none."""
    first, slash, _ = file.relative_path.partition("/")
    return first if slash else re.sub(r"(\.(csv|log|txt))?(\.gz)?$", "", first, flags=re.IGNORECASE)


def time_zone_of(file: SourceFile) -> ZoneInfo | None:
    """The zone that `gpu.yml` beside the log, else in the GPU folder, names; None when there is none."""
    for folder in dict.fromkeys((file.path.parent, drop_folder(file))):
        for name in SETTINGS_NAMES:
            if (folder / name).is_file() and not leads_outside(folder / name, drop_folder(file)):
                return _read_zone(folder / name)
    return None


def _read_zone(path: Path) -> ZoneInfo | None:
    try:
        given = read_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadSettings(
            f"{path.name} cannot be read ({str(error)[:200]}). Write `time_zone: Europe/Berlin`."
        ) from error
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) - {"time_zone"}:
        raise BadSettings(f"{path.name} may hold one key, time_zone. Write `time_zone: Europe/Berlin`.")
    name = given.get("time_zone")
    try:
        return ZoneInfo(str(name)) if name else None
    except (KeyError, ValueError, OSError) as error:
        message = f"{path.name}: time_zone {name!r} is no IANA zone. Write a name such as Europe/Berlin."
        raise BadSettings(message) from error


@dataclass
class LocalClock:
    """Reads a log's local times in order.

    In the hour that autumn repeats, times belong to summer time until they jump back, which `key` (a GPU)
    does once; a log that begins inside that hour is taken to begin in summer time.
    """

    zone: ZoneInfo | None
    _last: dict[str, datetime] = field(default_factory=dict)
    _is_second_pass: dict[str, bool] = field(default_factory=dict)
    ambiguous: int = 0
    told_apart_by_order: bool = False
    """Whether GPUs of the log were told apart by the order of its lines."""

    def to_utc(self, given: str, key: str = "") -> datetime:
        """A naive UTC instant. Raises `BadTime`."""
        local = parse_time(given)
        if local.tzinfo is not None:
            return local.astimezone(UTC).replace(tzinfo=None)
        if self.zone is None:
            return local
        first = local.replace(tzinfo=self.zone, fold=0)
        second = local.replace(tzinfo=self.zone, fold=1)
        if first.utcoffset() == second.utcoffset():
            self._is_second_pass.pop(key, None)
            self._last.pop(key, None)
            return first.astimezone(UTC).replace(tzinfo=None)
        if first.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != local:
            message = f"{given} does not exist in {self.zone.key}: clocks skip it. Correct time_zone in gpu.yml."
            raise BadTime("nonexistent_local_time", message)
        self.ambiguous += 1
        last = self._last.get(key)
        if last is not None and local < last:
            self._is_second_pass[key] = True
        self._last[key] = local
        chosen = second if self._is_second_pass.get(key) else first
        return chosen.astimezone(UTC).replace(tzinfo=None)


_DATE = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})")


def parse_time(given: str) -> datetime:
    """`2026/01/03 15:36:53.507` or ISO 8601; with its zone if it has one. Raises `BadTime`."""
    try:
        found = datetime.fromisoformat(_DATE.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", given.strip()))
        in_range = FIRST_YEAR_OF_CALLS <= found.year <= LAST_YEAR
    except (ValueError, OverflowError) as error:
        message = f"timestamp is {given[:60]!r}. nvidia-smi prints it like 2026/01/03 15:36:53.507."
        raise BadTime("invalid_time", message) from error
    if not in_range:
        span = f"{FIRST_YEAR_OF_CALLS} to {LAST_YEAR}"
        raise BadTime("out_of_range", f"timestamp is {given[:60]!r}, outside {span}. Check the clock.")
    return found
