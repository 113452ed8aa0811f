"""Dates that are written in other ways than ISO 8601 or with slashes, where each has one meaning.

Put here: `25.06.2026`, the numbers of Unix and of spreadsheets. Keep out: dates whose order a file has to prove, and
columns (`values`).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from ingestion.reading.months import LETTERS, month_of
from ingestion.reading.values import exact_decimal

SPREADSHEET_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheets that count days from 1900."""
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})([ T].*)?", re.ASCII)
_YEAR_DOTTED = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})(?!\d)(.*)|(\d{4})年(\d{1,2})月(\d{1,2})日(.*)", re.ASCII)
_RUN_TOGETHER = re.compile(r"(\d{1,2})([A-Za-z]{3})(20\d{2})(?::(\d{2}:\d{2}:\d{2}))?", re.ASCII)
"""As SAS writes it."""
_FOURTEEN = re.compile(r"(20\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? (?=[A-Za-z0-9])", re.IGNORECASE
)
_ZONE_TWICE = re.compile(r"([+-]\d{2}:?\d{2}) [A-Z]{3,4}$")
_UNIX = re.compile(r"(1\d{9})(\d{3}|\d{6}|\d{9})?(?:\.0+)?", re.ASCII)
_DAY_NUMBER = re.compile(r"[2-7]\d{4}(\.\d{1,20})?", re.ASCII)
_ZERO_TWICE = re.compile(r"(?<=\d)([+-]00:?00)Z$", re.ASCII)
"""As `isoformat() + "Z"` writes it."""
_COMPACT_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2}):?(\d{2}):?(\d{2})(?=\D|$)", re.ASCII)
_MONTH = re.compile(r"(20\d{2})-?(0[1-9]|1[0-2])", re.ASCII)
_NAMED_MONTH = re.compile(rf"([{LETTERS}]{{3,10}})\.?[ -](?:de )?(20\d{{2}})")
_AM_PM = re.compile(r"(.*\d),? (\d{1,2}):(\d{2})(:\d{2})? ?([ap])\.?m\.?", re.ASCII | re.IGNORECASE)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


def as_iso(text: str) -> str:
    """Dates that have one meaning in ISO 8601, or as `parse_instant` reads them: `25.06.2026`, `2026.06.25`,
    `20260625`, `25JUN2026`, `Thursday, June 25, 2026`, `2026-06-25 00:00:00 +0000 UTC`, `20260625T000000Z`,
    `2026-06-25T00:00:00+00:00Z`."""
    text = _ZERO_TWICE.sub("Z", _ZONE_TWICE.sub(r"\1", _WEEKDAY.sub("", text.strip())))
    text = _COMPACT_TIME.sub(r"\1-\2-\3T\4:\5:\6", text, count=1)
    if found := _YEAR_DOTTED.fullmatch(text):
        year, month, day, rest = found.groups()[:4] if found[1] else found.groups()[4:]
        return f"{year}-{month}-{day}{rest}"
    if (found := _RUN_TOGETHER.fullmatch(text)) and (number := month_of(found[2])):
        return f"{found[3]}-{number:02}-{int(found[1]):02}" + (f" {found[4]}" if found[4] else "")
    if found := _FOURTEEN.fullmatch(text):
        return f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6]}"
    if dotted := _DOTTED.fullmatch(text):
        return f"{dotted[3]}-{dotted[2]}-{dotted[1]}{dotted[4] or ''}"
    compact = COMPACT.fullmatch(text)
    return f"{compact[1]}-{compact[2]}-{compact[3]}" if compact else text


def in_24_hours(text: str) -> str:
    """A time with `AM` or `PM` behind it as a clock of 24 hours says it; any other text as it is."""
    found = _AM_PM.fullmatch(text.strip())
    if not found or not 1 <= int(found[2]) <= 12:
        return text
    hour = int(found[2]) % 12 + (12 if found[5].lower() == "p" else 0)
    return f"{found[1]} {hour:02}:{found[3]}{found[4] or ''}"


def first_of_month(text: str) -> str | None:
    """The first day of a month that stands alone: `2026-06`, `202606`, `June 2026`; None for any other text."""
    text = text.strip()
    if found := _MONTH.fullmatch(text):
        return f"{found[1]}-{found[2]}-01"
    found = _NAMED_MONTH.fullmatch(text)
    month = month_of(found[1]) if found else None
    return f"{found[2]}-{month:02}-01" if found and month else None


def unix_time(text: str) -> datetime | None:
    """Seconds since 1970, their thousandths, millionths or billionths: 10, 13, 16 or 19 digits, also as `1780617600.0`;
    None for any other text."""
    found = _UNIX.fullmatch(text)
    if not found:
        return None
    seconds, fraction = int(found[1]), int((found[2] or "").ljust(6, "0")[:6])
    return datetime(1970, 1, 1) + timedelta(seconds=seconds, microseconds=fraction)  # noqa: DTZ001 - naive UTC


def counted_day(text: str, epoch: date = SPREADSHEET_EPOCH) -> datetime | None:
    """The instant that a spreadsheet counts in days, to the second; None where the text is no such number of our time.
    Another `epoch` is that of spreadsheets that count from 1904."""
    if not _DAY_NUMBER.fullmatch(text):
        return None
    seconds = int((exact_decimal(text) * 86_400).to_integral_value())
    return datetime(epoch.year, epoch.month, epoch.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - naive UTC
