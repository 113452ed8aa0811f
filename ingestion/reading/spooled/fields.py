"""Typed fields of one JSON object: what fits is given, what does not is refused, what nobody asked for is kept.

Put here: texts, counts, money and instants as APIs print them. Keep out: which field is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.reading.limits import LARGEST_COUNT
from ingestion.reading.spooled.json_text import dump as _dump
from ingestion.reading.spooled.json_text import json_text as json_text
from ingestion.reading.spooled.refusal import Refused as Refused
from ingestion.reading.tabular.values import Unusable, exact_decimal, parse_instant, plain_text, to_money

LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Money:
    """A sum rounded once to 12 places, and all its digits."""

    value: Decimal
    text: str
    printed: str
    """The text as it was received."""


class Fields:
    """Reads one object and remembers which of its fields were asked for. `name` is where it stands."""

    def __init__(self, values: Any, name: str = "") -> None:
        if not isinstance(values, Mapping):
            raise Refused(name or None, "not_an_object", f"{_shown(values)} stands where named fields are expected")
        self._values = values
        self._name = name
        self._asked: set[str] = set()

    def _full(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name

    def get(self, name: str) -> Any:
        """A field as it is; None when absent or null."""
        self._asked.add(name)
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        """Text, or a plain value as it is printed."""
        value = self.get(name)
        return None if value is None else text_of(value, self._full(name))

    def count(self, name: str) -> int | None:
        """A whole number of zero or more, from a number or its text."""
        value = self.get(name)
        return None if value is None else count_of(value, self._full(name))

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise Refused(self._full(name), "invalid_value", f"{_shown(value)} is neither true nor false")

    def money(self, name: str, shift: int = 0) -> Money | None:
        """A decimal from a string, a number or scientific notation, times 10 to the power of `shift`, exactly."""
        value = self.get(name)
        return None if value is None else money_of(value, self._full(name), shift)

    def instant(self, name: str) -> datetime | None:
        """A naive UTC instant from RFC 3339."""
        value = self.get(name)
        return None if value is None else instant_of(value, self._full(name))

    def part(self, name: str) -> Fields:
        """A nested object; an absent one is an empty one."""
        value = self.get(name)
        return Fields({} if value is None else value, self._full(name))

    def items(self, name: str) -> list[Any]:
        """A list; an absent one is empty."""
        value = self.get(name)
        if value is None or isinstance(value, list):
            return value or []
        raise Refused(self._full(name), "not_a_list", f"{_shown(value)} stands where a list is expected")

    def json(self, name: str) -> str | None:
        """A nested value as JSON text."""
        value = self.get(name)
        return None if value is None else json_text(value)

    def rest(self) -> dict[str, Any]:
        """The fields that nobody asked for, except those that are null."""
        return {
            self._full(str(name)): value
            for name, value in self._values.items()
            if name not in self._asked and value is not None
        }


def extra_columns(*parts: Fields) -> str | None:
    """JSON text of what was not asked for in any of the objects; None when there is nothing."""
    rest = {name: value for part in parts for name, value in part.rest().items()}
    return json_text(rest) if rest else None


def text_of(value: Any, name: str) -> str:
    """Text from a plain JSON value."""
    if isinstance(value, (Mapping, list)):
        raise Refused(name, "not_text", f"a nested value stands in {name}, where text is expected")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if len(text) > LONGEST_TEXT:
        raise Refused(name, "text_too_long", f"{name} has {len(text)} characters; at most {LONGEST_TEXT} are kept")
    if "\0" in text:
        raise Refused(name, "nul_byte", f"{name} holds a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused(name, "invalid_encoding", f"{name} holds half a surrogate pair") from None
    return text


def decimal_of(value: Any, name: str) -> Decimal:
    """The number a JSON number or its text prints, every digit of it."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Refused(name, "invalid_number", f"{name} is {_shown(value)}, not a number")
    try:
        return exact_decimal(str(value).strip())
    except (Unusable, ValueError) as problem:
        reason = problem.reason if isinstance(problem, Unusable) else "invalid_number"
        raise Refused(name, reason, f"{name} is {_shown(value)}: {problem}") from None


def count_of(value: Any, name: str) -> int:
    """A whole number of zero or more that a bigint holds."""
    number = decimal_of(value, name)
    if number % 1 != 0:
        raise Refused(name, "invalid_number", f"{name} is {_shown(value)}; a count has no fraction")
    if number < 0:
        raise Refused(name, "out_of_range", f"{name} is {_shown(value)}; a count is zero or more")
    if number > LARGEST_COUNT:
        raise Refused(name, "out_of_range", f"{name} is {_shown(value)}, more than a table can hold")
    return int(number)


def money_of(value: Any, name: str, shift: int = 0) -> Money:
    """A sum of money with every digit; `shift` -2 turns cents into dollars."""
    number = decimal_of(value, name)
    sign, digits, exponent = number.as_tuple()
    shifted = Decimal((sign, digits, int(exponent) + shift))
    return Money(to_money(shifted), plain_text(shifted), str(value))


def instant_of(value: Any, name: str) -> datetime:
    """A naive UTC instant from RFC 3339 text."""
    if not isinstance(value, str):
        raise Refused(name, "invalid_time", f"{name} is {_shown(value)}, not an RFC 3339 time")
    try:
        return parse_instant(value.strip())
    except Unusable as problem:
        raise Refused(name, problem.reason, f"{name} is {_shown(value)}: {problem}") from None


def _shown(value: Any) -> str:
    text = f"a nested value of {len(value)}" if isinstance(value, (Mapping, list)) else _dump(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
