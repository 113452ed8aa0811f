"""Reads single values of events: the typed value, or why it is refused and what to do.

Put here: types and limits of single values. Keep out: columns (`conversion`), names of columns, files.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from ingestion.landing.registry import DATE_OUT_OF_RANGE, OUT_OF_RANGE_WORDS
from ingestion.reading.instants import printed_instant
from ingestion.reading.limits import FIRST_CALL, FIRST_YEAR_OF_CALLS, NUMBER_LIMIT
from ingestion.reading.values import to_money
from ingestion.sources.events.fields import LARGEST_COUNT, LONGEST_OBJECT, LONGEST_TEXT
from ingestion.sources.events.usage_shapes.values import tags

Problem = tuple[str, str]
"""A reason code and a message with its remedy."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_WORDS = {"true": True, "t": True, "yes": True, "y": True, "1": True} | {
    "false": False, "f": False, "no": False, "n": False, "0": False
}  # fmt: skip
_PAIRS = re.compile(r"[\w./-]+[:=][^,{}\[\]\"]+(,\s*[\w./-]+[:=][^,{}\[\]\"]+)*")
"""Tags in one line, as tools for metrics write them."""
_INTEGER = re.compile(r"[+-]?\d{1,30}(\.0*)?")


class Refused(ValueError):
    """A value that cannot be typed."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.problem: Problem = (reason, message)


def is_missing(value: Any) -> bool:
    """None, and text that is empty or blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def read_text(value: Any) -> str:
    """Text without blanks around it."""
    if isinstance(value, bytes):
        raise Refused("invalid_encoding", "the text is not UTF-8; export the file as UTF-8")
    if isinstance(value, (dict, list)):
        raise Refused("not_text", "a nested value stands where text is expected; give one plain value")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).strip()
    if len(text) > LONGEST_TEXT:
        raise Refused("text_too_long", f"{len(text)} characters; at most {LONGEST_TEXT} are kept, shorten the value")
    if "\0" in text:
        raise Refused("nul_byte", "the text holds a NUL character; remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("invalid_encoding", "the text holds half a surrogate pair; write real UTF-8") from None
    return text


def count_problem(value: int) -> Problem | None:
    """What is wrong with a whole number as a count; None where nothing is."""
    if value < 0:
        return "out_of_range", f"{value} is negative; a count is zero or more, leave it empty if it is unknown"
    if value > LARGEST_COUNT:
        return "out_of_range", f"{value} is more than one event can hold; check the unit"
    return None


def read_count(value: Any) -> int:
    """A whole number of zero or more from a number or its text."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, (float, Decimal)) and math.isfinite(value) and value % 1 == 0:
        number = int(value)
    elif isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        number = int(value.strip().split(".")[0])
    if number is None:
        raise Refused("invalid_number", f"{_show(value)} is not a whole number; write digits only")
    if problem := count_problem(number):
        raise Refused(*problem)
    return number


def read_flag(value: Any) -> bool:
    """True or false from a boolean or its word."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise Refused("invalid_value", f"{_show(value)} is neither true nor false")
    return _WORDS[word]


def read_object(value: Any) -> str | None:
    """A JSON object as text with sorted keys, also of one written as a list: `["team:search"]`, `team:search`."""
    if isinstance(value, str) and _PAIRS.fullmatch(value.strip()):
        value = value.split(",")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Refused("invalid_json", f'{_show(value)} is not a JSON object like {{"team": "search"}}') from None
    if isinstance(value, list) and all(isinstance(each, tuple) and len(each) == 2 for each in value):
        value = dict(value)
    if isinstance(value, list) and all(
        isinstance(each, str) or (isinstance(each, dict) and "key" in each) for each in value
    ):
        value = json.loads(tags(value) or "{}")
    if not isinstance(value, dict):
        raise Refused("not_an_object", f'{_show(value)} is not a JSON object like {{"team": "search"}}')
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
        text.encode()
    except (UnicodeEncodeError, ValueError, RecursionError, TypeError):
        raise Refused("invalid_encoding", "the object cannot be written as UTF-8 JSON") from None
    if len(text) > LONGEST_OBJECT:
        raise Refused("text_too_long", f"{len(text)} characters; at most {LONGEST_OBJECT} are kept")
    if "\\u0000" in text:
        raise Refused("nul_byte", "the object holds a NUL character; remove it")
    return text if value else None


def parse_instant(value: Any) -> datetime:
    """An ISO 8601 text, or a date or time of Parquet, as a naive UTC time. Without an offset it is UTC."""
    if isinstance(value, str):
        value = printed_instant(value) or value
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        raise Refused("invalid_time", f"{_show(value)} is not an ISO 8601 time such as 2026-05-06T21:54:08Z")
    try:
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError:
        raise Refused(*date_problem(str(value))) from None


def in_range(value: datetime, latest: datetime) -> datetime:
    """The time as it is, where it lies between `FIRST_CALL` and `latest`."""
    if not FIRST_CALL <= value < latest:
        raise Refused(*date_problem(str(value)))
    return value


def date_problem(text: str) -> Problem:
    """The problem of a time out of range."""
    words = f"{text}{OUT_OF_RANGE_WORDS}{FIRST_YEAR_OF_CALLS} or in the future; check the clock and the unit"
    return DATE_OUT_OF_RANGE, words


def parse_money(value: Any) -> tuple[Decimal, str | None, int]:
    """An amount rounded to 12 places, its text as printed (None for a decimal type), the digits after its point."""
    text = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    try:
        if isinstance(value, (bool, dict, list)):
            raise InvalidOperation
        exact = _EXACT.create_decimal(text)
        if not exact.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise Refused("invalid_number", f"{_show(value)} is not an amount; write digits with a decimal point") from None
    if exact < 0:
        raise Refused("out_of_range", f"{text} is negative; the cost of a request is zero or more")
    if exact >= NUMBER_LIMIT:
        raise Refused("out_of_range", f"{_show(value)} is more than one event can cost; check the unit")
    exponent = exact.as_tuple().exponent
    printed = None if isinstance(value, Decimal) else text[:100]
    return to_money(exact), printed, max(0, -int(exponent))


def _show(value: Any) -> str:
    text = repr(str(value)) if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
