"""Turns columns of raw values into typed Arrow columns and names every value that does not fit.

Whole columns go through Arrow; only a column with something wrong in it is looked at value by value.
Put here: columns. Keep out: types and limits of single values (`values`), names of columns, files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import BIGINT, BOOLEAN, INSTANT, MONEY, TEXT
from ingestion.reading.limits import FIRST_CALL
from ingestion.sources.events.fields import LARGEST_COUNT, LONGEST_TEXT, Kind
from ingestion.sources.events.values import (
    Problem,
    Refused,
    count_problem,
    date_problem,
    in_range,
    is_missing,
    parse_instant,
    parse_money,
    read_count,
    read_flag,
    read_object,
    read_text,
)

Values = Sequence[Any]
"""One raw column: a list of Python values, or an Arrow array."""


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
    return _each(values, read_flag, BOOLEAN) if kind is Kind.FLAG else _each(values, read_object, TEXT)


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
        return _each(values, read_text, TEXT)
    if nothing := _nothing(array, TEXT):
        return nothing
    if pa.types.is_integer(array.type):
        return Converted(array.cast(TEXT))
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return _each(values, read_text, TEXT)
    longest = int(pc.max(pc.utf8_length(array)).as_py() or 0)
    if longest > LONGEST_TEXT or pc.any(pc.match_substring(array, "\0")).as_py():
        return _each(values, read_text, TEXT)
    array = pc.utf8_trim_whitespace(array)
    return Converted(pc.if_else(pc.equal(array, ""), None, array).cast(TEXT))


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
    problems = {index: count_problem(counts[index].as_py()) for index in wrong}
    return Converted(counts, {index: problem for index, problem in problems.items() if problem})


def _instants(values: Values, latest: datetime) -> Converted:
    array = _arrow(values)
    typed = None
    if array is not None:
        if nothing := _nothing(array, INSTANT):
            return nothing
        typed = _arrow_instants(array)
    if typed is None:
        return _each(values, lambda value: in_range(parse_instant(value), latest), INSTANT)
    low, high = (pa.scalar(limit, INSTANT) for limit in (FIRST_CALL, latest))
    problems = {}
    for index in _wrong(pc.or_(pc.less(typed, low), pc.greater_equal(typed, high)), len(typed)):
        problems[index] = date_problem(typed[index].cast(TEXT).as_py())
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
