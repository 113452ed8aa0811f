"""The period of an invoice in one cell, as people and programs write it: a month, a quarter, a year, a day to a day.

Put here: its first and last day as text. Keep out: reading days (`values`), columns (`invoices`).
"""

from __future__ import annotations

import re
from datetime import timedelta

from ingestion.reading.months import LETTERS, month_of
from ingestion.reading.tabular.slashed_dates import parse_date, slashed_parts
from ingestion.reading.values import Unusable

_PARTS_OF_YEAR = {"Q": 3, "H": 6}
_PART = re.compile(
    r"([QH])([1-4])[- /'’]*(\d{4}|\d{2})|(\d{4}|\d{2})[- /]?([QH])([1-4])|([1-4])([QH])[- /'’]*(\d{4}|\d{2})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(20\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(0?[1-9]|1[0-2])", re.ASCII)
_YEAR_LAST = re.compile(r"(0?[1-9]|1[0-2])[-/.](\d{4})", re.ASCII)
_NAMED = re.compile(rf"([{LETTERS}]{{3,10}})\.?[- '’]*(\d{{4}}|\d{{2}})")
_BETWEEN = re.compile(r"\s+(?:to|through|until|bis|au|a|al|-|–|—)\s+|\s*[–—]\s*|(?<=\d{4}-\d\d-\d\d)[/_](?=\d{4}-)")
_DAYS = re.compile(rf"([{LETTERS}]{{3,10}}\.?) (\d{{1,2}})\s*[-–—]\s*(\d{{1,2}}),? (\d{{4}})")
_OF_DAY = re.compile(rf"[{LETTERS}]{{3,10}}\.? \d{{1,2}}|\d{{1,2}}\.? [{LETTERS}]{{3,10}}\.?")
_YEAR_AT_END = re.compile(r"\b(\d{4})$")


def first_day(text: str) -> str | None:
    """The first day of a period. What is none is given back, to be refused."""
    text = text.strip()
    if span := _span(text):
        return span[0]
    if part := _part(text):
        year, months, number = part
        return f"{year}-{months * number - months + 1:02}-01"
    if found := _YEAR.fullmatch(text):
        return f"{found[1]}-01-01"
    return _month(text) or text or None


def end_of(text: str) -> str | None:
    """The day after a span, quarter, half or year; None for a month, which ends by itself."""
    text = text.strip()
    if span := _span(text):
        return span[1]
    if part := _part(text):
        year, months, number = part
        month = months * number + 1
        return f"{year + month // 13}-{(month - 1) % 12 + 1:02}-01"
    found = _YEAR.fullmatch(text)
    return f"{int(found[1]) + 1}-01-01" if found else None


def _part(text: str) -> tuple[int, int, int] | None:
    """Year, months and number of a quarter or half."""
    found = _PART.fullmatch(text)
    if found is None:
        return None
    kind, number, year = (next(filter(None, found.group(*places))) for places in ((1, 5, 8), (2, 6, 7), (3, 4, 9)))
    months = _PARTS_OF_YEAR[kind.upper()]
    return (int(year) + (2000 if len(year) == 2 else 0), months, int(number)) if months * int(number) <= 12 else None


def _month(text: str) -> str | None:
    """The first day of a month."""
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02}-01"
    if found := _YEAR_LAST.fullmatch(text):
        return f"{found[2]}-{int(found[1]):02}-01"
    found = _NAMED.fullmatch(text)
    month = month_of(found[1]) if found else None
    return f"{found[2] if len(found[2]) == 4 else '20' + found[2]}-{month:02}-01" if found and month else None


def _span(text: str) -> tuple[str, str] | None:
    """The first day and the day after the last of `2026-06-01 - 2026-06-30`, `Jun 1 – Jun 30, 2026` or
    `June 1-30, 2026`; None for any other text."""
    if days := _DAYS.fullmatch(text):
        return _days(f"{days[1]} {days[2]}, {days[4]}", f"{days[1]} {days[3]}, {days[4]}", day_first=False)
    sides = [side.strip() for side in _BETWEEN.split(text)]
    if len(sides) != 2 or not all(any(map(str.isdigit, side)) for side in sides):
        return None
    first, last = sides
    year = _YEAR_AT_END.search(last)
    if _OF_DAY.fullmatch(first) and year:
        starts, ends = (_month_in(side) for side in (first, last))
        began = int(year[1]) - 1 if starts and ends and starts > ends else int(year[1])
        first = f"{first}{',' if first[-1].isdigit() else ''} {began}"
    if _month(first) and _month(last):
        return None
    parts = [found for found in (slashed_parts(first), slashed_parts(last)) if found]
    orders = [any(pair[place] > 12 for pair in parts) for place in (0, 1)]
    return _days(first, last, day_first=orders[0]) if not parts or sum(orders) == 1 else None


def _days(first: str, last: str, *, day_first: bool) -> tuple[str, str] | None:
    """The first day and the day after the last; a span from the fifth to the fifth ends before its last day."""
    try:
        start, stop = parse_date(first, day_first), parse_date(last, day_first)
    except Unusable:
        return None
    return start.isoformat(), (stop if stop.day == start.day else stop + timedelta(days=1)).isoformat()


def _month_in(text: str) -> int | None:
    words = re.findall(rf"[{LETTERS}]{{3,10}}", text)
    return month_of(words[0]) if words else None
