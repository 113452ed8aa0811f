"""Dates whose order of day and month a file has to prove: `6/5/2026`, `05-06-2026`; and every other date of a bill.

Put here: dates with slashes or dashes, columns of them. Keep out: dates that have one meaning (`other_dates`), looking
for the proof (the sources).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import partial

import pyarrow as pa

from ingestion.reading.instants import printed_instant
from ingestion.reading.limits import FIRST_YEAR, LAST_YEAR
from ingestion.reading.tabular.other_dates import COMPACT, as_iso, first_of_month, in_24_hours, unix_time
from ingestion.reading.tabular.values import by_distinct
from ingestion.reading.values import Unusable, parse_instant

_SLASHED = re.compile(
    r"(\d{1,2})(?:/(\d{1,2})/(\d{4}|\d{2})|-(\d{1,2})-(\d{4}))"
    r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?",
    re.ASCII,
)
"""A day, month and year in an order that no text says by itself; with dashes only where the year has four digits."""


def parse_slashed_instant(text: str, day_first: bool | None = None) -> datetime:
    """An instant as bills write it: also month/day/year (or day/month/year) with or without a time of day, UTC;
    day.month.year, yyyymmdd, a day of the week before it, a zone named twice, the time of Unix, and a month alone."""
    text = in_24_hours(text)
    match = _SLASHED.fullmatch(text)
    if not match:
        return _one_meaning(text)
    day = parse_date(text, day_first)
    try:
        hour, minute, second = (int(part or 0) for part in match.groups()[5:])
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001
    except ValueError as error:
        raise Unusable("invalid_time", f"correct the time ({error})") from error


def parse_date(text: str, day_first: bool | None = None) -> date:
    """A date: month/day/year (or day/month/year), ISO with or without a time, or yyyymmdd.

    `day_first` is the order that the file proves, None where it proves none: then slashes are month first, while dashes
    are read only where one of both numbers can be no month.
    """
    text = in_24_hours(text)
    slashed = _SLASHED.fullmatch(text)
    if slashed:
        first, second, year = (int(part) for part in slashed.groups()[:5] if part)
        if day_first is None and slashed[4]:
            if first <= 12 and second <= 12 and first != second:
                raise Unusable("invalid_time", "day or month first, no date of the file says; write it as 2024-09-30")
            day_first = first > 12
        month, day = (second, first) if day_first else (first, second)
        return _date(year + 2000 if year < 100 else year, month, day)
    compact = COMPACT.fullmatch(text)
    if compact:
        return _date(*(int(part) for part in compact.groups()))
    try:
        return _one_meaning(text).date()
    except Unusable as problem:
        raise Unusable(problem.reason, "write the date as 9/30/2024 (month first) or 2024-09-30") from problem


def _one_meaning(text: str) -> datetime:
    """An instant written in a way that has one meaning; what programs print beside ISO 8601 is tried last."""
    found = unix_time(text)
    if found is not None:
        return found
    try:
        return parse_instant(first_of_month(text) or as_iso(text))
    except Unusable:
        printed = printed_instant(text)
        if printed is None or not FIRST_YEAR < printed.year < LAST_YEAR:
            raise
        return printed.astimezone(UTC).replace(tzinfo=None) if printed.tzinfo else printed


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        message = f"correct the date ({error}); dates with slashes are read month first, as Azure writes them"
        raise Unusable("invalid_time", message) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unusable("out_of_range", f"correct the year; {FIRST_YEAR} to {LAST_YEAR} are accepted")
    return found


def slashed_parts(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date with slashes, or with dashes and the year behind."""
    match = _SLASHED.fullmatch(in_24_hours(text))
    return (int(match[1]), int(match[2] or match[4])) if match else None


def with_iso_days(column: pa.Array, day_first: bool | None) -> pa.Array:
    """A column of times with those that have slashes or dashes in ISO 8601, as the file's order says."""
    return by_distinct(column, partial(_iso_day, day_first=day_first), pa.string()).values


def _iso_day(text: str, day_first: bool | None) -> str:
    if slashed_parts(text) is None:
        return text
    try:
        return parse_slashed_instant(text, day_first).isoformat()
    except Unusable:
        return text
