"""What a home says about its alerts: `alerts/alert_rules.csv`, row by row.

Put here: reading and checking the file, which row holds for an alert. Keep out: what rules measure, sending.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.landing.pseudonyms import Pseudonyms
from ingestion.vocabulary.time_zones import is_zone

FILE = "alerts/alert_rules.csv"
ANY_RULE = "*"
SEVERITY_WORDS = ("critical", "warning", "info")
LARGEST_BYTES = 1 << 20
MATCHED = ("rule", "subject", "team", "when_owner", "when_severity")
NUMBERS = ("threshold", "critical_threshold", "minimum_usd", "clear_after_hours", "messages_per_run")
COLUMNS = (
    *MATCHED, "enabled", *NUMBERS, "severity", "owner", "channels", "quiet_hours", "digest_at", "time_zone", "note",
)  # fmt: skip
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_PATTERN = re.compile(r"[*?\[]")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]*(@[a-z0-9_]+)?\Z")


@dataclass(frozen=True)
class Kind:
    """What rows may ask of an alert besides its rule and subject; None where it is not known yet."""

    severity: str | None = None
    team: str | None = None
    owner: str | None = None


UNKNOWN = Kind()


@dataclass(frozen=True)
class Line:
    """One row that can be used: what it holds for, and what it says (only fields that are filled in)."""

    number: int
    rule: str
    subject: str
    team: str
    when_owner: str
    when_severity: str
    values: Mapping[str, Any]
    shown: Mapping[str, str] = field(default_factory=dict)
    """What marts say instead of a person in `subject` or `when_owner`."""

    def holds_for(self, rule: str, subject: str, kind: Kind) -> bool:
        """Whether it is about such an alert; what is not known yet matches rows that do not ask for it."""
        return (
            self.rule in (ANY_RULE, rule)
            and (not self.subject or fnmatchcase(subject, self.subject) or subject == self.shown.get(self.subject))
            and self.when_severity in ("", kind.severity)
            and self.team in ("", kind.team)
            and (self.when_owner in ("", kind.owner) or self.shown.get(self.when_owner, "") == kind.owner)
        )


@dataclass(frozen=True)
class RuleBook:
    """The rows of a home. Later rows win, field by field; what no row says is the rule's own default."""

    lines: tuple[Line, ...] = ()
    problems: tuple[str, ...] = field(default=(), compare=False)
    """One text per row that was left out."""

    @property
    def content_key(self) -> str:
        """Changes with what the rows say."""
        return hashlib.md5(repr(self.lines).encode(), usedforsecurity=False).hexdigest()[:12]

    def value(self, name: str, rule: str, subject: str = "", kind: Kind = UNKNOWN) -> Any:
        """What the last row that holds says of a field; None where none says anything."""
        for line in reversed(self.lines):
            if name in line.values and line.holds_for(rule, subject, kind):
                return line.values[name]
        return None

    def number(self, name: str, rule: str, subject: str, default: Decimal) -> Decimal:
        """A threshold or amount."""
        found = self.value(name, rule, subject)
        return default if found is None else found

    def is_enabled(self, rule: str, subject: str = "") -> bool:
        """Whether a rule speaks of a subject."""
        return self.value("enabled", rule, subject) is not False

    def is_quiet(self, now: datetime, rule: str, subject: str, kind: Kind = UNKNOWN) -> bool:
        """Whether quiet hours hold the alert back at `now` (naive UTC); critical ones go through."""
        window = self.value("quiet_hours", rule, subject, kind)
        if window is None or kind.severity == "critical":
            return False
        start, end = window
        clock = self.local(now, rule, subject, kind).time()
        return start <= clock < end if start < end else clock >= start or clock < end

    def local(self, now: datetime, rule: str, subject: str, kind: Kind = UNKNOWN) -> datetime:
        """`now` by the clock of those who are told."""
        zone = self.value("time_zone", rule, subject, kind) or "UTC"
        return now.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def read_rulebook(home: Path, rules: frozenset[str]) -> RuleBook:
    """The rule book of a home; without a file every default holds. A wrong row is left out and named."""
    path = home / FILE
    if not path.exists():
        return RuleBook()
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return RuleBook(problems=(f"{FILE}: more than {LARGEST_BYTES:,} bytes; no row of it is used",))
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = _read(csv.DictReader(file, strict=True), rules)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return RuleBook(problems=(f"{FILE} cannot be read ({type(error).__name__}); save it as CSV in UTF-8",))
    if not any(_people_of(line) for line in found.lines):
        return found
    names = Pseudonyms.of_home(home)
    return replace(found, lines=tuple(_with_pseudonyms(line, names) for line in found.lines))


def problem_of(cells: Mapping[str, str], rules: frozenset[str]) -> tuple[str, str] | None:
    """The field of a row that cannot be used, and why; None where the row can."""
    try:
        _line(0, cells, rules)
    except _Wrong as wrong:
        return wrong.column, str(wrong)
    return None


def _people_of(line: Line) -> set[str]:
    """What of a row may be somebody."""
    return {name for name in (line.subject, line.when_owner) if name and not _PATTERN.search(name)}


def _with_pseudonyms(line: Line, names: Pseudonyms) -> Line:
    """A row as people write it also holds for what marts say of them."""
    return replace(line, shown={name: names.of(name) for name in _people_of(line)})


def _read(reader: csv.DictReader[str], rules: frozenset[str]) -> RuleBook:
    given = [name or "" for name in reader.fieldnames or ()]
    unknown = [name for name in given if name.strip() not in COLUMNS]
    problems = [f"{FILE}: column {name!r} is not known and not used; known: {', '.join(COLUMNS)}" for name in unknown]
    if "rule" not in (name.strip() for name in given):
        return RuleBook(problems=(*problems, f"{FILE}: it has no column rule; no row is used"))
    lines = []
    for number, row in enumerate(reader, 2):
        cells = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
        if not any(cells.values()) or cells.get("rule", "").startswith("#"):
            continue
        try:
            if None in row:
                raise _Wrong("note", "there are more cells than columns; quote a cell that holds a comma")
            lines.append(_line(number, cells, rules))
        except _Wrong as wrong:
            problems.append(f"{FILE}, row {number}, field {wrong.column}: {wrong}; the row is left out")
    return RuleBook(tuple(lines), tuple(problems))


class _Wrong(ValueError):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def _line(number: int, cells: Mapping[str, str], rules: frozenset[str]) -> Line:
    rule, when = cells.get("rule", ""), cells.get("when_severity", "").lower()
    if rule != ANY_RULE and rule not in rules:
        raise _Wrong("rule", f"{rule!r} is no rule; write * or one of {', '.join(sorted(rules))}")
    if when and when not in SEVERITY_WORDS:
        raise _Wrong("when_severity", f"{when!r} is no severity; write {', '.join(SEVERITY_WORDS)}")
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if text := cells.get(name, ""):
            values[name] = read(name, text)
    return Line(
        number, rule, cells.get("subject", ""), cells.get("team", ""), cells.get("when_owner", ""), when, values
    )


def _number(name: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise _Wrong(name, f"{text!r} is no number; write it as 0.25 or 1000") from None
    if not found.is_finite() or found < 0:
        raise _Wrong(name, f"{text!r} is no number from 0 on")
    return found


def _flag(name: str, text: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in known:
        raise _Wrong(name, f"{text!r} is neither yes nor no")
    return known[text.lower()]


def _severity(name: str, text: str) -> str:
    if text.lower() not in SEVERITY_WORDS:
        raise _Wrong(name, f"{text!r} is no severity; write {', '.join(SEVERITY_WORDS)}")
    return text.lower()


def _channels(name: str, text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(";") if part.strip())
    if wrong := [each for each in found if not _CHANNEL.match(each)]:
        raise _Wrong(name, f"{wrong[0]!r} is no channel; write names joined by semicolons, as email;slack@research")
    return found


def _window(name: str, text: str) -> tuple[time, time]:
    if not (parts := _WINDOW.match(text)) or parts[1] + parts[2] == parts[3] + parts[4]:
        raise _Wrong(name, f"{text!r} is no time of day; write it as 22:00-07:00")
    return time(int(parts[1]), int(parts[2])), time(int(parts[3]), int(parts[4]))


def _clock(name: str, text: str) -> time:
    if not (parts := _CLOCK.match(text)):
        raise _Wrong(name, f"{text!r} is no time of day; write it as 09:00")
    return time(int(parts[1]), int(parts[2]))


def _zone(name: str, text: str) -> str:
    if not is_zone(text):
        raise _Wrong(name, f"{text!r} is no time zone; write it as Europe/Berlin")
    return text


def _text(_: str, text: str) -> str:
    return text


_READERS: Mapping[str, Any] = {
    "enabled": _flag,
    **dict.fromkeys(NUMBERS, _number),
    "severity": _severity,
    "owner": _text,
    "channels": _channels,
    "quiet_hours": _window,
    "digest_at": _clock,
    "time_zone": _zone,
}
