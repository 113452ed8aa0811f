"""Turns columns of raw values into typed Arrow columns and names every value that does not fit.

Whole columns go through Arrow; only a column with something wrong in it is looked at value by value.
Put here: types and limits of single values. Keep out: names of columns, files.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import BIGINT, BOOLEAN, INSTANT, MONEY, TEXT
from ingestion.sources.events.fields import EARLIEST_YEAR, LARGEST_COUNT, LONGEST_OBJECT, LONGEST_TEXT, Kind

Values = Sequence[Any]
"""One raw column: a list of Python values, or an Arrow array."""
Problem = tuple[str, str]
"""A reason code and a message with its remedy."""

EARLIEST = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_TWELVE_PLACES = Decimal("1E-12")
_LARGEST_MONEY = Decimal(10) ** 20
_WORDS = {"true": True, "t": True, "yes": True, "y": True, "1": True} | {
    "false": False, "f": False, "no": False, "n": False, "0": False
}  # fmt: skip
_INTEGER = re.compile(r"[+-]?\d{1,30}(\.0*)?")


class Refused(ValueError):
    """A value that cannot be typed."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.problem: Problem = (reason, message)


@dataclass
class Converted:
    """A typed column and what is wrong, by index. Extra columns: the printed text and decimals of money."""

    array: pa.Array
    problems: dict[int, Problem] = field(default_factory=dict)
    extra: dict[str, pa.Array] = field(default_factory=dict)


def convert(kind: Kind, values: Values, latest: datetime) -> Converted:
    """Type one column; `latest` is the first instant that lies too far in the future."""
    if kind is Kind.INSTANT:
        return _instants(values, latest)
    if kind is Kind.COUNT:
        return _counts(values)
    if kind is Kind.MONEY:
        return _money(values)
    if kind is Kind.TEXT:
        return _texts(values)
    return _each(values, _flag, BOOLEAN) if kind is Kind.FLAG else _each(values, _object, TEXT)


def is_missing(value: Any) -> bool:
    """None, and text that is empty or blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def _arrow(values: Any) -> pa.Array | None:
    """The values as one Arrow array of a natural type; None when they are mixed or not valid text."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        try:
            values.validate(full=True)
        except pa.ArrowException:
            return None
        return values
    try:
        return pa.array(values, from_pandas=False)
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
        return None


def python_values(values: Values) -> list[Any]:
    """The values as Python objects; text that is not UTF-8 comes out as bytes."""
    if not isinstance(values, (pa.Array, pa.ChunkedArray)):
        return list(values)
    try:
        return values.to_pylist()
    except (UnicodeDecodeError, ValueError, OverflowError):
        plain = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if pa.types.is_string(plain.type) or pa.types.is_large_string(plain.type):
            binary = pa.large_binary() if pa.types.is_large_string(plain.type) else pa.binary()
            return [_decode(each) for each in plain.cast(binary).to_pylist()]
        return [each.as_py() if each.is_valid else None for each in plain.cast(pa.string())]


def _decode(value: bytes | None) -> str | bytes | None:
    try:
        return value if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _each(values: Values, one: Callable[[Any], Any], kind: pa.DataType) -> Converted:
    found: list[Any] = []
    problems: dict[int, Problem] = {}
    for index, value in enumerate(python_values(values)):
        try:
            found.append(None if is_missing(value) else one(value))
        except Refused as refused:
            found.append(None)
            problems[index] = refused.problem
    return Converted(pa.array(found, kind), problems)


def _wrong(mask: pa.Array | None, count: int) -> list[int]:
    return [] if mask is None else pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()


def _nothing(array: pa.Array, kind: pa.DataType) -> Converted | None:
    return Converted(pa.nulls(len(array), kind)) if array.null_count == len(array) else None


def _texts(values: Values) -> Converted:
    array = _arrow(values)
    if array is None:
        return _each(values, _text, TEXT)
    if nothing := _nothing(array, TEXT):
        return nothing
    if pa.types.is_integer(array.type):
        return Converted(array.cast(TEXT))
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return _each(values, _text, TEXT)
    longest = int(pc.max(pc.utf8_length(array)).as_py() or 0)
    if longest > LONGEST_TEXT or pc.any(pc.match_substring(array, "\0")).as_py():
        return _each(values, _text, TEXT)
    array = pc.utf8_trim_whitespace(array)
    return Converted(pc.if_else(pc.equal(array, ""), None, array).cast(TEXT))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        raise Refused("bad_encoding", "the text is not UTF-8; export the file as UTF-8")
    if isinstance(value, (dict, list)):
        raise Refused("not_text", "a nested value stands where text is expected; give one plain value")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).strip()
    if len(text) > LONGEST_TEXT:
        raise Refused("text_too_long", f"{len(text)} characters; at most {LONGEST_TEXT} are kept, shorten the value")
    if "\0" in text:
        raise Refused("nul_bytes", "the text holds a NUL character; remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("bad_encoding", "the text holds half a surrogate pair; write real UTF-8") from None
    return text


def _counts(values: Values) -> Converted:
    array = _arrow(values)
    if array is None or pa.types.is_boolean(array.type):
        return _each(values, read_count, BIGINT)
    if nothing := _nothing(array, BIGINT):
        return nothing
    try:
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            array = pc.if_else(pc.equal(array, ""), None, array)
        counts = array.cast(BIGINT)
    except (pa.ArrowException, TypeError):
        return _each(values, read_count, BIGINT)
    wrong = _wrong(pc.or_(pc.less(counts, 0), pc.greater(counts, LARGEST_COUNT)), len(counts))
    problems = {index: _count_problem(counts[index].as_py()) for index in wrong}
    return Converted(counts, {index: problem for index, problem in problems.items() if problem})


def _count_problem(value: int) -> Problem | None:
    if value < 0:
        return "negative_number", f"{value} is negative; a count is zero or more, leave it empty if it is unknown"
    if value > LARGEST_COUNT:
        return "number_too_large", f"{value} is more than one event can hold; check the unit"
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
        raise Refused("not_an_integer", f"{_show(value)} is not a whole number; write digits only")
    if problem := _count_problem(number):
        raise Refused(*problem)
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise Refused("not_a_boolean", f"{_show(value)} is neither true nor false")
    return _WORDS[word]


def _object(value: Any) -> str | None:
    """A JSON object as text with sorted keys."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Refused("invalid_json", f'{_show(value)} is not a JSON object like {{"team": "search"}}') from None
    if isinstance(value, list) and all(isinstance(each, tuple) and len(each) == 2 for each in value):
        value = dict(value)
    if not isinstance(value, dict):
        raise Refused("not_an_object", f'{_show(value)} is not a JSON object like {{"team": "search"}}')
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
        text.encode()
    except (UnicodeEncodeError, ValueError, RecursionError, TypeError):
        raise Refused("bad_encoding", "the object cannot be written as UTF-8 JSON") from None
    if len(text) > LONGEST_OBJECT:
        raise Refused("text_too_long", f"{len(text)} characters; at most {LONGEST_OBJECT} are kept")
    if "\\u0000" in text:
        raise Refused("nul_bytes", "the object holds a NUL character; remove it")
    return text if value else None


def _instants(values: Values, latest: datetime) -> Converted:
    array = _arrow(values)
    typed = None
    if array is not None:
        if nothing := _nothing(array, INSTANT):
            return nothing
        typed = _arrow_instants(array)
    if typed is None:
        return _each(values, lambda value: _in_range(parse_instant(value), latest), INSTANT)
    low, high = (pa.scalar(limit, INSTANT) for limit in (EARLIEST, latest))
    problems = {}
    for index in _wrong(pc.or_(pc.less(typed, low), pc.greater_equal(typed, high)), len(typed)):
        problems[index] = _date_problem(typed[index].cast(TEXT).as_py())
    return Converted(typed, problems)


def _arrow_instants(array: pa.Array) -> pa.Array | None:
    kind = array.type
    if pa.types.is_timestamp(kind):
        return pc.cast(array, pa.timestamp("us", kind.tz), safe=False).cast(pa.timestamp("us", kind.tz)).cast(INSTANT)
    if pa.types.is_date(kind):
        return array.cast(INSTANT)
    if not pa.types.is_string(kind):
        return None
    for target in (pa.timestamp("us", "UTC"), INSTANT):
        try:
            return array.cast(target).cast(INSTANT)
        except pa.ArrowException:
            continue
    return None


def parse_instant(value: Any) -> datetime:
    """An ISO 8601 text, or a date or time of Parquet, as a naive UTC time. Without an offset it is UTC."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        raise Refused("not_a_timestamp", f"{_show(value)} is not an ISO 8601 time such as 2026-05-06T21:54:08Z")
    try:
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError:
        raise Refused(*_date_problem(str(value))) from None


def _in_range(value: datetime, latest: datetime) -> datetime:
    if not EARLIEST <= value < latest:
        raise Refused(*_date_problem(str(value)))
    return value


def _date_problem(text: str) -> Problem:
    return "date_out_of_range", f"{text} lies before {EARLIEST_YEAR} or in the future; check the clock and the unit"


def _money(values: Values) -> Converted:
    """Exact decimals with 12 places, rounded half to even once; beside them the text and its decimals."""
    amounts: list[Decimal | None] = []
    texts: list[str | None] = []
    decimals: list[int | None] = []
    problems: dict[int, Problem] = {}
    for index, value in enumerate(python_values(values)):
        amount = text = places = None
        if not is_missing(value):
            try:
                amount, text, places = parse_money(value)
            except Refused as refused:
                problems[index] = refused.problem
        amounts.append(amount)
        texts.append(text)
        decimals.append(places)
    extra = {"recorded_cost_text": pa.array(texts, TEXT), "recorded_cost_decimals": pa.array(decimals, BIGINT)}
    return Converted(pa.array(amounts, MONEY), problems, extra)


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
        raise Refused("not_a_number", f"{_show(value)} is not an amount; write digits with a decimal point") from None
    if exact < 0:
        raise Refused("negative_number", f"{text} is negative; the cost of a request is zero or more")
    if exact >= _LARGEST_MONEY:
        raise Refused("number_too_large", f"{_show(value)} is more than one event can cost; check the unit")
    exponent = exact.as_tuple().exponent
    printed = None if isinstance(value, Decimal) else text[:100]
    return exact.quantize(_TWELVE_PLACES, context=_EXACT), printed, max(0, -int(exponent))


def _show(value: Any) -> str:
    text = repr(str(value)) if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
