"""Text columns to typed columns, a whole batch at a time; what does not convert is marked, not guessed.

Each converter works on the distinct values where Python has to look at them. Put here: numbers, instants,
dates, booleans and JSON. Keep out: which column is which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.tabular.other_dates import counted_day
from ingestion.reading.values import Unusable, exact_decimal, parse_instant, plain_text, to_money

MONEY = pa.decimal128(38, 12)
_PLAIN = r"^-?[0-9]{1,26}(\.[0-9]{1,12})?$"
_GROUPED = re.compile(
    r"[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?"
)
"""Groups of three, or of two above the thousands, as in India (`1,00,000.50`)."""
_SPACED = re.compile("(?<![0-9.,])[0-9]{1,3}([ \u00a0\u202f\u2009'\u2019])[0-9]{3}(?:\\1[0-9]{3})*(?![0-9])")
_CREDIT_OR_DEBIT = re.compile(
    r"(?P<before>CR|DR)\.?\s*(?P<first>[$€£¥]?\s?[\d.][\d.,]*)|(?P<last>[$€£¥]?\s?[\d.][\d.,]*)\s*(?P<after>CR|DR)\.?",
    re.IGNORECASE,
)
"""How accountants mark a credit (below zero) and a debit."""
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
    typographic minus or `CR` for less than zero. A comma that may be a decimal one (`1,25`, `1,250`, `1.250,50`) stays,
    so that it is no number.
    """
    bare = _ungrouped(text.strip().removeprefix("'").translate(_MINUS)).replace("US$", "$")
    sign = ""
    if found := _CREDIT_OR_DEBIT.fullmatch(bare):
        bare = found["first"] or found["last"]
        sign = "-" if (found["before"] or found["after"]).upper() == "CR" else ""
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


def digits(column: pa.Array, mark: str | None) -> pa.Array:
    """Numbers as spreadsheets print them in digits and a point, where they can be read; other text as it is."""
    return by_distinct(column, partial(_digits_of, mark=mark), pa.string()).values


def _digits_of(text: str, mark: str | None) -> str:
    bare = _CODE_OF_DOLLAR.sub("", text.strip())
    bare = bare.replace(".", "").replace(",", ".") if mark == "," else ungrouped(bare) if mark == "." else bare
    try:
        return plain_text(exact_decimal(plain_number(bare)))
    except Unusable:
        return text


_CODE_OF_DOLLAR = re.compile(r"^USD\s?|\s?USD$")


def without_placeholders(column: pa.Array) -> pa.Array:
    """The column with null where a program wrote a word for no value. For columns that hold no text."""
    is_nothing = pc.is_in(pc.utf8_lower(column), value_set=_PLACEHOLDERS)
    return pc.if_else(is_nothing, pa.scalar(None, pa.string()), column)


ROUNDED_ID = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"
"""An account id that a spreadsheet took for a number (`1.23457E+11`): its last digits are lost."""
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


def with_counted_days(column: pa.Array) -> pa.Array:
    """A column of times with the day numbers of a spreadsheet as ISO 8601."""
    return by_distinct(column, _calendar_day, pa.string()).values


def _calendar_day(text: str) -> str:
    day = counted_day(text)
    return text if day is None else day.isoformat()


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
