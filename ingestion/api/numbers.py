"""JSON whose numbers keep their printed text: money is never a float on its way through.

Put here: reading and writing such JSON, and turning its values into decimals. Keep out: fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from ingestion.reading.limits import NUMBER_LIMIT
from ingestion.reading.values import to_money

LONGEST_INTEGER = 18
"""Digits of an integer that always fits 64 bits."""
_MARK = f"number-{uuid4().hex}-"
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


class PrintedNumber:
    """A JSON number that is not a short integer, as printed."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrintedNumber) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


def _integer(text: str) -> int | PrintedNumber:
    return int(text) if len(text) <= LONGEST_INTEGER else PrintedNumber(text)


def loads(text: str) -> Any:
    """Parsed JSON; numbers with a point, an exponent or many digits become `PrintedNumber`s."""
    return _DECODER.decode(text)


def dumps(value: Any, *, sort_keys: bool = False) -> str:
    """JSON on one line, numbers as they were printed."""
    text = _ENCODERS[sort_keys].encode(value)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _marked(value: Any) -> str:
    if isinstance(value, PrintedNumber):
        return _MARK + value.text
    raise TypeError(f"{type(value).__name__} is no JSON")


# Made once: `json.loads` and `json.dumps` would make one for every call with options, which costs more than the work.
_DECODER = json.JSONDecoder(parse_float=PrintedNumber, parse_int=_integer, parse_constant=PrintedNumber)
_ENCODERS = {sort: json.JSONEncoder(default=_marked, sort_keys=sort, separators=(",", ":")) for sort in (False, True)}


def text_of(value: Any) -> str | None:
    """A number's or a string's text as delivered; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, PrintedNumber):
        return value.text
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def decimal_of(value: Any) -> Decimal | None:
    """The exact decimal of a number, of a string that holds one, or of scientific notation; else None."""
    text = text_of(value)
    if text is None:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)
"""Sums of many tiny amounts lose nothing."""
LARGEST = NUMBER_LIMIT


def exact_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None when nothing is."""
    known = [amount for amount in amounts if amount is not None]
    total = Decimal(0)
    for amount in known:
        total = EXACT.add(total, amount)
    return total if known else None


def money(amount: Decimal) -> Decimal | None:
    """An amount as `decimal(38,12)`, rounded half-even once; None when it is too large."""
    if abs(amount) >= LARGEST:
        return None
    return to_money(amount)
