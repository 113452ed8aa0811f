"""Periods by name: `2026-10`, `2026-Q3`, `2026-W44`, `month`, `last_month`, `30d`, `2026-10-01..2026-10-15`.

Put here: words to days, the period to compare with. Keep out: fiscal calendars, what was spent.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

WORDS = "2026-10, 2026-Q3, 2026-W44, 2026, 2026-10-15, 2026-10-01..2026-10-15, today, yesterday, week, last_week, \
month, last_month, quarter, last_quarter, year, last_year, 7d, 30d, 90d"
"""What can be written, as an error names it."""
_DAYS = re.compile(r"(\d{1,4})d\Z")
_WEEK = re.compile(r"(\d{4})-W(\d{2})\Z")
_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])\Z")
_YEAR = re.compile(r"(\d{4})\Z")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both in it."""

    name: str
    grain: str
    """`day`, `week`, `month`, `quarter`, `year`, or `days` for any other stretch."""
    first: date
    last: date

    @property
    def day_count(self) -> int:
        """Days in it, those to come included."""
        return (self.last - self.first).days + 1

    @property
    def label(self) -> str:
        """As a title says it; of a period that is cut, its days."""
        if self.grain in ("week", "month", "quarter", "year") and self.last != _around(self.first, self.grain).last:
            return _days(self.first, self.last)
        match self.grain:
            case "month":
                return f"{self.first:%B %Y}"
            case "quarter":
                return f"Q{(self.first.month + 2) // 3} {self.first.year}"
            case "year":
                return f"{self.first.year}"
            case "week":
                return f"week {self.first.isocalendar().week} of {self.first.isocalendar().year}"
            case "day":
                return f"{self.first:%Y-%m-%d}"
            case _:
                return f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"

    def through(self, day: date) -> Period:
        """What of it lies up to `day`: it itself where it is over, at least its first day."""
        if day >= self.last:
            return self
        return Period(self.name, self.grain, self.first, max(day, self.first))

    def before(self) -> Period:
        """The period to compare with: the one before it; of an unfinished week, month, quarter or year the same days of
        the one before, so that like is compared with like."""
        if self.grain in ("day", "days"):
            return Period(f"before {self.name}", self.grain, self.first - _DAY * self.day_count, self.first - _DAY)
        whole = _around(self.first - _DAY, self.grain)
        if self.last == _around(self.first, self.grain).last:
            return whole
        return whole.through(min(whole.last, whole.first + (self.last - self.first)))


def _days(first: date, last: date) -> str:
    """`1–28 October 2026`, `28 September–4 October 2026`."""
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {first:%B %Y}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{first.day} {first:%B}{year}–{last.day} {last:%B %Y}"


def parse_period(text: str, today: date) -> Period:
    """The period that `text` names; words such as `month` are seen from `today`, `30d` ends the day before it.

    Raises:
        ValueError: it names none; the message lists what can be written.
    """
    name = text.strip()
    found = _spelled(name, today) or _dated(name)
    if found is None:
        raise ValueError(f"{text!r} is not a period; write one of: {WORDS}")
    return found


def _spelled(name: str, today: date) -> Period | None:
    if name in ("today", "yesterday"):
        day = today if name == "today" else today - _DAY
        return Period(name, "day", day, day)
    grain = name.removeprefix("last_")
    if grain in ("week", "month", "quarter", "year"):
        now = _around(today, grain)
        return Period(name, grain, *_ends(now if grain == name else _around(now.first - _DAY, grain)))
    if (days := _DAYS.match(name)) and 0 < int(days[1]) <= 3660:
        return Period(name, "days", today - _DAY * int(days[1]), today - _DAY)
    return None


def _dated(name: str) -> Period | None:
    try:
        if found := _MONTH.match(name):
            return _around(date(int(found[1]), int(found[2]), 1), "month", name)
        if found := _QUARTER.match(name):
            return _around(date(int(found[1]), 3 * int(found[2]), 1), "quarter", name)
        if found := _WEEK.match(name):
            return _around(date.fromisocalendar(int(found[1]), int(found[2]), 1), "week", name)
        if found := _YEAR.match(name):
            return _around(date(int(found[1]), 1, 1), "year", name)
        first, separator, last = name.partition("..")
        start = date.fromisoformat(first)
        end = date.fromisoformat(last) if separator else start
    except (ValueError, OverflowError):
        return None
    return Period(name, "days" if separator else "day", start, end) if start <= end else None


def _around(day: date, grain: str, name: str = "") -> Period:
    """The week, month, quarter or year that a day lies in."""
    match grain:
        case "week":
            first = day - _DAY * day.weekday()
            last = first + 6 * _DAY
            named = f"{first.isocalendar().year}-W{first.isocalendar().week:02d}"
        case "month":
            first = day.replace(day=1)
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            named = f"{first:%Y-%m}"
        case "quarter":
            first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
            last = _around(date(day.year, first.month + 2, 1), "month").last
            named = f"{first.year}-Q{(first.month + 2) // 3}"
        case _:
            first, last, named = date(day.year, 1, 1), date(day.year, 12, 31), f"{day.year}"
    return Period(name or named, grain, first, last)


def _ends(period: Period) -> tuple[date, date]:
    return period.first, period.last
