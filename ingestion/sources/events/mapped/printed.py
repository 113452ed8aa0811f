"""Numbers and objects as people and databases print them: groups, currency signs, decimal commas, words for no value,
objects as text.

Put here: from the text of a count or an amount to plain digits. Keep out: types and limits (`events.values`), units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from ingestion.reading.lines import Printed
from ingestion.reading.tabular.values import PLACEHOLDERS, decimal_mark
from ingestion.sources.events.conversion import Values, python_values
from ingestion.sources.events.fields import Kind
from ingestion.sources.events.usage_shapes.values import as_object

_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DOLLARS = re.compile(r"([+-]?)(?:USD|US\$|\$)?\s*([+-]?[\d.,].*?)\s*(?:USD|US\$|\$)?")


def as_printed(values: Values, kind: Kind, *, decimal_comma: bool = False) -> Values:
    """The values without what is for the eye: `1,724` and `$0.005067`. A cost that is no number is an unknown cost.

    Where one amount of the column can only have a decimal comma, no comma is taken for a mark of thousands, and
    amounts with one are unknown unless `decimal_comma` says so.
    """
    if isinstance(values, (pa.Array, pa.ChunkedArray)) and not pa.types.is_string(values.type):
        return values
    found = python_values(values)
    plain = _with_comma if decimal_comma else _with_point
    if (
        kind is Kind.MONEY
        and not decimal_comma
        and any(isinstance(one, str) and has_decimal_comma(one) for one in found)
    ):
        plain = _without_comma
    return [
        _printed(value, kind, _with_point if isinstance(value, Printed) else plain) if isinstance(value, str) else value
        for value in found
    ]


def _printed(value: str, kind: Kind, plain: Callable[[str], str]) -> str | None:
    given = value.strip()
    if is_no_value(given):
        return None
    dollars = _DOLLARS.fullmatch(given) if kind is Kind.MONEY else None
    number = plain(dollars[1] + dollars[2] if dollars else given)
    if _PLAIN.fullmatch(number):
        return number
    return None if kind is Kind.MONEY else given


def is_no_value(given: str) -> bool:
    """Whether a text is one of the words that programs and databases write for no value."""
    return given.strip().lower() in (*PLACEHOLDERS, "\\n", "")


def has_decimal_comma(given: str) -> bool:
    """Whether an amount can only have been written with a comma before its decimals."""
    return "," in given and (decimal_mark(given.strip()) == "," or re.match(r"\D*0,\d", given) is not None)


def _with_point(given: str) -> str:
    return given.replace(",", "") if _GROUPED.fullmatch(given) else given


def _without_comma(given: str) -> str:
    return given


_GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")


def _with_comma(given: str) -> str:
    """`1.250,5` as `1250.5`. Of what has points alone, only groups are read: `1.250` is 1250, `0.5` no such number."""
    if _GROUPED_BY_POINTS.fullmatch(given):
        given = given.replace(".", "")
    return given.replace(",", ".") if "." not in given else "?"


def object_of(value: Any) -> dict[str, Any]:
    """The object of a cell: as it is, as JSON or as Python prints it, or a Parquet map; empty for anything else."""
    if isinstance(value, list) and value:
        pairs: list[Any] = [(item.get("key"), item.get("value")) if isinstance(item, dict) else item for item in value]
        return dict(pairs) if all(isinstance(pair, tuple) and len(pair) == 2 and pair[0] for pair in pairs) else {}
    return as_object(value)
