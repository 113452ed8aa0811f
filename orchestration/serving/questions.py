"""What many questions share: days, money that counts, sizes, each checked and named where it is wrong.

Put here: reading of parameters. Keep out: what is asked about them (`queries`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from orchestration.presenting.periods import WORDS, parse_period
from orchestration.presenting.standing import published_today
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.reading import Reading

COST_KINDS = ("llm", "infrastructure", "own", "total")
LOOK_BACK = "30d"
MOST_ROWS = 10_000
PLACES = Decimal("0.000000000001")
_MONTHS = re.compile(r"(\d{1,3})m\Z")
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@dataclass(frozen=True)
class Span:
    """Whole UTC days, both in it."""

    first: date
    last: date

    @property
    def day_count(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def span_of(
    reading: Reading,
    start: str | None,
    end: str | None,
    time_range: str | None = None,
    *,
    names: tuple[str, str] = ("period_start", "period_end"),
    default: str = LOOK_BACK,
) -> Span:
    """The days that are asked about: from `start` to `end`, or `time_range` seen from the day of the publication.

    A time of day names its day; an end at midnight ends the day before.

    Raises:
        AskedWrongly: with the field.
    """
    if time_range is not None and (start is not None or end is not None):
        raise AskedWrongly(
            f"time_range goes with neither {names[0]} nor {names[1]}", remedy="leave one out", field="time_range"
        )
    today = published_today(reading.connection)
    if start is None and end is None:
        return _relative(time_range or default, today, "time_range")
    first = _day(start, names[0]) if start is not None else None
    last = _day(end, names[1], is_end=True) if end is not None else max(today, first or today)
    if first is None:
        first = last - timedelta(days=29)
    if first > last:
        raise AskedWrongly(
            f"{names[0]} {first} lies after {names[1]} {last}", remedy="swap them, or leave one out", field=names[0]
        )
    return Span(first, last)


def _relative(text: str, today: date, field: str) -> Span:
    months = _MONTHS.match(text)
    if months and 0 < int(months[1]) <= 240:
        count = today.year * 12 + today.month - int(months[1])
        return Span(date(count // 12, count % 12 + 1, 1), today)
    try:
        period = parse_period(text, today)
    except (ValueError, OverflowError):
        raise AskedWrongly(
            f"{field} {text[:60]!r} names no period", remedy=f"write 12m, {WORDS}", field=field
        ) from None
    return Span(period.first, period.last)


def _day(text: str, field: str, *, is_end: bool = False) -> date:
    try:
        if len(text) <= 10:
            found = date.fromisoformat(text)
        else:
            at = datetime.fromisoformat(text.replace(" ", "+") if re.search(r" \d\d:\d\d\Z", text) else text)
            at = at.astimezone(UTC) if at.tzinfo else at
            found = at.date()
            if is_end and at.time() == datetime.min.time():
                found -= timedelta(days=1)
    except (ValueError, OverflowError):
        found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise AskedWrongly(
            f"{field} {text[:60]!r} is no day between {_FIRST_YEAR} and {_LAST_YEAR}",
            remedy="write it as 2026-01-31 or 2026-01-31T00:00:00Z", field=field,
        )  # fmt: skip
    return found


def one_of(text: str, known: tuple[str, ...], field: str) -> str:
    """A word of a list.

    Raises:
        AskedWrongly: it is another one.
    """
    if text not in known:
        raise AskedWrongly(f"{field} {text[:60]!r} is not known", remedy=f"write {', '.join(known)}", field=field)
    return text


def between(number: int, least: int, most: int, field: str) -> int:
    """A whole number within its limits.

    Raises:
        AskedWrongly: it is not.
    """
    if not least <= number <= most:
        raise AskedWrongly(f"{field} {number} is out of range", remedy=f"write {least} to {most}", field=field)
    return number


def amount_of(text: str | int | float | Decimal, field: str, *, least: int = 0, most: int = 10**12) -> Decimal:
    """A decimal amount.

    Raises:
        AskedWrongly: it is none, or beyond the limits.
    """
    try:
        found = Decimal(str(text))
        is_amount = found.is_finite() and least <= found <= most
    except ArithmeticError:
        is_amount = False
    if not is_amount:
        raise AskedWrongly(
            f"{field} {str(text)[:60]!r} is no amount between {least} and {most}",
            remedy="write digits, a point, digits", field=field,
        )  # fmt: skip
    return found


def order_of(text: str | None, columns: Mapping[str, str], rest: Sequence[str], wrong: str) -> str:
    """What stands behind `order by`: the column of a name, `-` before it for descending, then `rest`.

    Raises:
        AskedWrongly: no column has the name; `wrong` says what it should have been.
    """
    if text is None:
        return ", ".join(rest)
    column = columns.get(text.removeprefix("-"))
    if column is None:
        raise AskedWrongly(
            f"order_by {text[:60]!r} {wrong}",
            remedy=f"write {', '.join(columns)}, with - for descending",
            field="order_by",
        )
    return ", ".join([f"{column} {'desc' if text.startswith('-') else 'asc'} nulls last", *rest])


def kind_condition(cost_kind: str) -> tuple[str, list[str]]:
    """What of the money counts, as a condition with its values."""
    one_of(cost_kind, COST_KINDS, "cost_kind")
    return ("true", []) if cost_kind == "total" else ("cost_kind = ?", [cost_kind])


def per(amount: Decimal | None, count: int | Decimal | None) -> Decimal | None:
    """An amount for each of so many, to 12 places; unknown where either is, or there is none."""
    if amount is None or not count:
        return None
    return (amount / Decimal(count)).quantize(PLACES)
