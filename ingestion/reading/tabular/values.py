"""Text columns to typed columns, a whole batch at a time; what does not convert is marked, not guessed.

Each converter works on the distinct values where Python has to look at them. Put here: numbers, instants,
dates, booleans and JSON. Keep out: which column is which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.limits import FIRST_YEAR, LAST_YEAR
from ingestion.reading.tabular.other_dates import COMPACT, as_iso, counted_day, first_of_month, unix_time
from ingestion.reading.values import Unusable, exact_decimal, parse_instant, plain_text, to_money

MONEY = pa.decimal128(38, 12)
_PLAIN = r"^-?[0-9]{1,26}(\.[0-9]{1,12})?$"
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)?", re.ASCII)
_SLASHED_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ([AP]M))?", re.ASCII)
_GROUPED = re.compile(
    r"[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?"
)
"""Groups of three, or of two above the thousands, as in India (`1,00,000.50`)."""
_SPACED = re.compile("(?<![0-9.,])[0-9]{1,3}([ \u00a0\u202f\u2009'\u2019])[0-9]{3}(?:\\1[0-9]{3})*(?![0-9])")
_BETWEEN = "\x1f"
_MINUS = str.maketrans("\u2212\u2013", "--")
_CURRENCY_SIGNS = "$€£¥"


@dataclass
class Converted:
    """A typed column; `problems` maps the position of a bad cell to why it is bad (its value is null)."""

    values: pa.Array
    problems: dict[int, Unusable]


def plain_number(text: str) -> str:
    """A number as spreadsheets print it, in digits and a point.

    Read are a currency sign, groups of three (also apart by spaces or apostrophes), and parentheses, a trailing or a
    typographic minus for less than zero. A comma that may be a decimal one (`1,25`, `1,250`, `1.250,50`) stays, so that
    it is no number.
    """
    bare = _ungrouped(text.strip().removeprefix("'").translate(_MINUS)).replace("US$", "$")
    sign = ""
    if bare.startswith("(") and bare.endswith(")"):
        sign, bare = "-", bare[1:-1].strip()
    elif bare.startswith(("-", "+")):
        sign, bare = bare[0], bare[1:].strip()
    elif bare.endswith("-"):
        sign, bare = "-", bare[:-1].strip()
    if bare[:1] and bare[0] in _CURRENCY_SIGNS:
        bare = bare[1:].strip()
        if bare.startswith("-") and not sign:
            sign, bare = "-", bare[1:].strip()
        elif bare.startswith("(") and bare.endswith(")") and not sign:
            sign, bare = "-", bare[1:-1].strip()
    elif bare[-1:] and bare[-1] in _CURRENCY_SIGNS:
        bare = bare[:-1].strip()
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    return sign + bare if bare[:1].isdigit() or bare[:1] == "." else text


def _ungrouped(text: str) -> str:
    """A number without the spaces or apostrophes between its thousands."""
    return _SPACED.sub(lambda found: found[0].replace(found[1], ""), text)


def with_points(column: pa.Array) -> pa.Array:
    """Numbers of a file that writes `1.250,50`, with a point before the decimals and no groups."""
    return pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")


def without_groups(column: pa.Array) -> pa.Array:
    """Numbers of a file that is known to write a decimal point, without commas between thousands (`1,250`)."""
    is_grouped = pc.fill_null(pc.match_substring_regex(column, _GROUPS), False)
    if not pc.any(is_grouped).as_py():
        return column
    return pc.if_else(is_grouped, pc.replace_substring(column, ",", ""), column)


def ungrouped(text: str) -> str:
    """The same of one number."""
    return text.replace(",", "") if re.match(_GROUPS, text, re.ASCII) else text


def without_placeholders(column: pa.Array) -> pa.Array:
    """The column with null where a program wrote a word for no value. For columns that hold no text."""
    is_nothing = pc.is_in(pc.utf8_lower(column), value_set=_PLACEHOLDERS)
    return pc.if_else(is_nothing, pa.scalar(None, pa.string()), column)


PLACEHOLDERS = ("none", "n/a", "#n/a", "na", "nan", "nil", "null", "<null>", "-", "--")
"""Words for no value, in lower case."""
_PLACEHOLDERS = pa.array(PLACEHOLDERS)
_GROUPS = r"^[^0-9,.]*[0-9]{1,3}(,[0-9]{3})+[^0-9,.]*$"
_EXPONENT = re.compile(r"\d[eE][+-]?\d", re.ASCII)
_ONLY_COMMA = re.compile(r"\D*(\d{1,3}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,}))\D*", re.ASCII)
_ONLY_POINT = re.compile(r"\D*(\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,}|\d*\.(\d{1,2}|\d{4,}))\D*", re.ASCII)


def decimal_mark(text: str) -> str | None:
    """The decimal mark that a number can only have been written with: `,` or `.`; None where it could be either."""
    text = _ungrouped(text)
    if _ONLY_COMMA.fullmatch(text):
        return ","
    return "." if _ONLY_POINT.fullmatch(text) or _EXPONENT.search(text) else None


def decimals(column: pa.Array) -> Converted:
    """DECIMAL(38,12) from text."""
    return _decimals(column)[0]


def money(column: pa.Array) -> tuple[Converted, pa.Array]:
    """DECIMAL(38,12) from text, and the exact text beside it in plain notation."""
    return _decimals(column)


def _decimals(column: pa.Array) -> tuple[Converted, pa.Array]:
    is_plain = pc.fill_null(pc.match_substring_regex(column, _PLAIN), True)
    if pc.all(is_plain).as_py() is not False:
        return Converted(column.cast(MONEY), {}), column
    plain = pc.if_else(is_plain, column, pa.scalar(None, pa.string())).cast(MONEY)
    other = pc.if_else(is_plain, pa.scalar(None, pa.string()), column)
    cache: dict[str, Decimal | Unusable] = {}

    def parse(text: str) -> Decimal:
        found = cache.get(text)
        if found is None:
            try:
                found = exact_decimal(plain_number(text))
            except Unusable as problem:
                found = problem
            cache[text] = found
        if isinstance(found, Unusable):
            raise found
        return found

    rounded = by_distinct(other, lambda text: to_money(parse(text)), MONEY)
    exact = by_distinct(other, lambda text: plain_text(parse(text)), pa.string())
    values = pc.coalesce(plain, rounded.values)
    text = pc.if_else(is_plain, column, exact.values)
    return Converted(values, rounded.problems), text


def by_distinct(column: pa.Array, convert: Callable[[str], Any], kind: pa.DataType) -> Converted:
    """Applies a Python function to the distinct values of a text column."""
    encoded = column.dictionary_encode()
    results: list[Any] = []
    bad: dict[int, Unusable] = {}
    for position, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            results.append(convert(value))
        except Unusable as problem:
            results.append(None)
            bad[position] = problem
    values = pa.array(results, kind).take(encoded.indices)
    problems: dict[int, Unusable] = {}
    if bad:
        where = pc.is_in(encoded.indices, value_set=pa.array(list(bad), encoded.indices.type))
        for position in pc.indices_nonzero(pc.fill_null(where, False)).to_pylist():
            problems[position] = bad[encoded.indices[position].as_py()]
    return Converted(values, problems)


def by_distinct_pair(one: pa.Array, other: pa.Array, convert: Callable[[str, str], str | None]) -> pa.Array:
    """Applies a Python function to the distinct pairs of two text columns; NULL where either is."""
    both = pc.binary_join_element_wise(one, other, _BETWEEN)
    return by_distinct(both, lambda pair: convert(*pair.partition(_BETWEEN)[::2]), pa.string()).values


def instants(column: pa.Array) -> Converted:
    """TIMESTAMP (naive UTC, microseconds) from text."""
    return by_distinct(column, parse_instant, pa.timestamp("us"))


def parse_slashed_instant(text: str, day_first: bool = False) -> datetime:
    """An instant as bills write it: also month/day/year (or day/month/year) with or without a time of day, UTC;
    day.month.year, yyyymmdd, a day of the week before it, a zone named twice, the time of Unix, and a month alone."""
    if not _SLASHED.fullmatch(text):
        return unix_time(text) or parse_instant(first_of_month(text) or as_iso(text))
    day = parse_date(text, day_first)
    time = _SLASHED_TIME.search(text)
    if time is None:
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - instants are naive UTC here
    hour = int(time[1]) % 12 + (12 if time[4] == "PM" else 0) if time[4] else int(time[1])
    try:
        return datetime(day.year, day.month, day.day, hour, int(time[2]), int(time[3] or 0))  # noqa: DTZ001
    except ValueError as error:
        raise Unusable("invalid_time", f"correct the time ({error})") from error


def parse_date(text: str, day_first: bool = False) -> date:
    """A date: month/day/year (or day/month/year), ISO with or without a time, or yyyymmdd."""
    slashed = _SLASHED.fullmatch(text)
    if slashed:
        first, second, year = (int(part) for part in slashed.groups())
        month, day = (second, first) if day_first else (first, second)
        return _date(year + 2000 if year < 100 else year, month, day)
    compact = COMPACT.fullmatch(text)
    if compact:
        return _date(*(int(part) for part in compact.groups()))
    try:
        return (unix_time(text) or parse_instant(first_of_month(text) or as_iso(text))).date()
    except Unusable as problem:
        raise Unusable(problem.reason, "write the date as 9/30/2024 (month first) or 2024-09-30") from problem


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        message = f"correct the date ({error}); dates with slashes are read month first, as Azure writes them"
        raise Unusable("invalid_time", message) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unusable("out_of_range", f"correct the year; {FIRST_YEAR} to {LAST_YEAR} are accepted")
    return found


def with_counted_days(column: pa.Array) -> pa.Array:
    """A column of times with the day numbers of a spreadsheet as ISO 8601."""
    return by_distinct(column, _calendar_day, pa.string()).values


def _calendar_day(text: str) -> str:
    day = counted_day(text)
    return text if day is None else day.isoformat()


def slashed_parts(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date with slashes."""
    match = _SLASHED.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


_BOOLEANS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}


def parse_boolean(text: str) -> bool:
    """True or false in the usual spellings."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise Unusable("invalid_value", "write true or false") from None


def booleans(column: pa.Array) -> Converted:
    """BOOLEAN from text."""
    return by_distinct(column, parse_boolean, pa.bool_())


def pack_json(columns: dict[str, pa.Array]) -> pa.Array | None:
    """One JSON object text per row from the cells that are not null; null where all are. None without columns."""
    fragments = [
        pc.fill_null(
            by_distinct(column, partial(_member, json.dumps(name, ensure_ascii=False)), pa.string()).values, ""
        )
        for name, column in columns.items()
        if column.null_count < len(column)
    ]
    if not fragments:
        return None
    joined = pc.binary_join_element_wise(*fragments, "")
    packed = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, len(_COMMA)), "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), packed)


def only_at(column: pa.Array, positions: Iterable[int]) -> pa.Array:
    """The cells of a column of text at some positions; the others null."""
    wanted = set(positions)
    return pa.array([cell if at in wanted else None for at, cell in enumerate(column.to_pylist())], pa.string())


_COMMA = ", "


def _member(name: str, cell: str) -> str:
    return f"{_COMMA}{name}: {json.dumps(cell, ensure_ascii=False)}"
