"""Reading one value of untrusted JSON or CSV: counts, money, instants, text, tags.

Put here: conversions that either give a typed value or raise `BadValue`. Keep out: field names of formats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ingestion.reading.instants import printed_instant
from ingestion.reading.limits import AFTER_LAST_CALL, FIRST_CALL, LARGEST_COUNT, LAST_YEAR, NUMBER_LIMIT
from ingestion.reading.lines import loads
from ingestion.reading.literals import printed_model, printed_object
from ingestion.reading.tabular.values import PLACEHOLDERS
from ingestion.reading.values import to_money
from ingestion.sources.events.usage_shapes.cost_kinds import ESTIMATE

EARLIEST = FIRST_CALL


class BadValue(ValueError):
    """A value that cannot be what its field says. Carries what a quarantine row needs."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.field, self.reason, self.message = field, reason, message


def dig(value: Any, *keys: str) -> Any:
    """The value under nested keys, None when any step is missing or not an object."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def as_object(value: Any) -> dict[str, Any]:
    """The value when it is a JSON object or the text of one, or one as Python prints it; else an empty one."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            found = loads(value)
        except (ValueError, RecursionError):
            return printed_object(value)
        return found if isinstance(found, dict) else {}
    return printed_model(value) if isinstance(value, str) else {}


def is_no_value(value: Any) -> bool:
    """Whether a text is a word for no value, such as `NULL`; `NaN` is a number that went wrong."""
    return isinstance(value, str) and len(value) < 8 and value.strip().lower() in _NO_VALUE


_NO_VALUE = frozenset((*PLACEHOLDERS, "nat", "\\n")) - {"nan"}
_DIGITS = re.compile(r"[+-]?\d{1,25}(\.0*)?\Z")
_POWERS = re.compile(r"[+-]?\d(\.\d{1,20})?[eE]\+?\d{1,2}\Z")
"""A number as data frames print large ones: `1.2e+04`."""
_GROUPED = re.compile(r"\d{1,3}(,\d{3}){1,6}\Z")
"""A count with commas between its thousands."""
_DOLLARS = re.compile(r"(?:US)?\$\s*(?=[\d.])|\s*USD\s*", re.IGNORECASE)
"""How people and tools mark an amount as one in US dollars."""


def count(value: Any, field: str) -> int | None:
    """A whole number from 0 to 2^63-1. None stays None; `12.0` and `1.2e+1` are 12, as spreadsheets and data frames
    print it; 12.5 is refused."""
    if value is None or value == "" or is_no_value(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadValue(field, "invalid_number", f"{field} is {_show(value)}. It must be a whole number.")
    if isinstance(value, str):
        if _GROUPED.match(value.strip()):
            value = value.replace(",", "")
        if _POWERS.match(value.strip()) and (number := Decimal(value.strip())) == int(number):
            value = str(int(number))
        if not _DIGITS.match(value.strip()):
            raise BadValue(field, "invalid_number", f"{field} is {_show(value)}. It must be a whole number of units.")
        value = int(value.strip().partition(".")[0])
    if value < 0:
        raise BadValue(field, "out_of_range", f"{field} is {value}. Counts cannot be negative: correct the log.")
    if value > LARGEST_COUNT:
        raise BadValue(field, "out_of_range", f"{field} is {_show(value)}, more than 2^63-1: correct the log.")
    return value


def count_at(usage: Any, *keys: str, root: str = "usage") -> int | None:
    """The count under nested keys of a usage object."""
    value = usage.get(keys[0]) if isinstance(usage, dict) else None
    for key in keys[1:]:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None or (type(value) is int and 0 <= value <= LARGEST_COUNT):
        return value
    return count(value, ".".join((root, *keys) if root else keys))


def first_count(usage: Any, *paths: str, root: str = "usage") -> int | None:
    """The first of several dotted paths that holds a count, one above zero before a zero."""
    found = None
    for path in paths:
        number = count_at(usage, *path.split("."), root=root) if "." in path else count_at(usage, path, root=root)
        if number:
            return number
        found = number if found is None else found
    return found


def decimal(value: Any, field: str) -> Decimal | None:
    """An exact decimal from a number as printed; None and empty text stay None."""
    if value is None or value == "" or is_no_value(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadValue(field, "invalid_number", f"{field} is {_show(value)}. It must be a number.")
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except (InvalidOperation, ValueError) as error:
        raise BadValue(field, "invalid_number", f"{field} is {_show(value)}. It must be a number.") from error
    if not number.is_finite() or (number and not -100 < number.adjusted() < 40):
        raise BadValue(field, "invalid_number", f"{field} is {_show(value)}. It must be a number of ordinary size.")
    return number


def dollars(value: Any, field: str) -> Decimal | None:
    """An exact amount in USD, also behind its sign or beside its code."""
    return decimal(_DOLLARS.sub("", value, count=1) if isinstance(value, str) else value, field)


def recorded_cost(value: Any, field: str, kind: str = ESTIMATE) -> dict[str, Any]:
    """The recorded cost columns of a cost in USD; empty when there is none. `kind`: see `cost_kinds`."""
    number = dollars(value, field)
    if number is None:
        return {}
    if number < 0:
        raise BadValue(field, "out_of_range", f"{field} is {_show(value)}. A call cannot cost less than nothing.")
    if number >= NUMBER_LIMIT:
        raise BadValue(field, "out_of_range", f"{field} is {_show(value)}, which is no amount in USD.")
    exponent = number.as_tuple().exponent
    return {
        "recorded_cost_usd": to_money(number),
        "recorded_cost_text": str(value).strip(),
        "recorded_cost_decimals": max(0, -exponent) if isinstance(exponent, int) else None,
        "recorded_cost_kind": kind,
    }


_CONTROL = re.compile("[\x00\ud800-\udfff]")


DIGEST = r"[0-9A-Za-z+/=_:.-]{8,128}"
"""What `prompt_hash` looks like; anything else may be the prompt itself, and does not land."""


def digest(value: Any) -> str | None:
    """A digest of a prompt; None for what is none."""
    return value if isinstance(value, str) and re.fullmatch(DIGEST, value) else None


def text(value: Any) -> str | None:
    """Text that a table can hold; numbers and booleans as JSON prints them; empty is None."""
    if value is None:
        return None
    if type(value) is str and value.isascii() and "\0" not in value:
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    cleaned = _CONTROL.sub("\ufffd", str(value)).strip()
    return cleaned or None


_NAMES = ("modelId", "model_id", "id", "name", "model", "model_name", "provider")


def named(value: Any) -> str | None:
    """Text, or that of the object which SDKs keep a model or provider as: its id or name."""
    if isinstance(value, dict):
        return next((text(value[name]) for name in _NAMES if isinstance(value.get(name), str)), None)
    return text(value)


def tags(*values: Any) -> str | None:
    """One JSON object text from tag objects and lists; later ones win.

    A list item `key:value` or `key=value` becomes that pair, any other item `{item: "true"}`.
    """
    pairs: dict[str, str] = {}
    for value in values:
        if isinstance(value, str):
            value = _parsed_tags(value)
        if isinstance(value, dict):
            found = [(text(key), text(item)) for key, item in value.items()]
        else:
            found = [_pair(item) for item in value] if isinstance(value, list) else []
        pairs.update((key, item) for key, item in found if key and item is not None)
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True) if pairs else None


def _parsed_tags(value: str) -> Any:
    if value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return [value]
    return [part for part in value.split(",") if part.strip()]


def _pair(item: Any) -> tuple[str | None, str | None]:
    if isinstance(item, dict) and "key" in item:
        return text(item["key"]), text(item.get("value"))
    found = re.match(r"([^:=]+)[:=](.+)", text(item) or "", re.DOTALL)
    return (text(found[1]), text(found[2])) if found else (text(item), "true")


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\Z")


def instant(value: Any, field: str) -> datetime | None:
    """A naive UTC instant from ISO 8601 text (no zone: UTC) or an epoch in s, ms, µs or ns; None stays None."""
    if value is None or value == "" or is_no_value(value):
        return None
    found: datetime | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        found = _from_epoch(Decimal(value))
    elif isinstance(value, str):
        given = value.strip()
        if _NUMBER.match(given) and len(given) < 40 and not re.fullmatch(r"(19|20)\d{6}", given):
            found = _from_epoch(Decimal(given))
        else:
            found = _from_iso(given)
    if found is None:
        remedy = "Write ISO 8601 with a zone, such as 2026-01-31T12:00:00Z, or Unix seconds."
        raise BadValue(field, "invalid_time", f"{field} is {_show(value)}. {remedy}")
    if not EARLIEST <= found < AFTER_LAST_CALL:
        message = f"{field} is {found:%Y-%m-%d}, outside {FIRST_CALL.year} to {LAST_YEAR}. Check its unit and clock."
        raise BadValue(field, "out_of_range", message)
    return found


def _from_iso(given: str) -> datetime | None:
    found = printed_instant(given)
    try:
        return found if found is None or found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def _from_epoch(number: Decimal) -> datetime | None:
    size = abs(number)
    if size >= Decimal("1e20"):
        return None
    scales = ((11, 1), (14, 1_000), (17, 1_000_000), (20, 1_000_000_000))
    per_second = next(scale for digits, scale in scales if size < Decimal(10) ** digits)
    try:
        return datetime(1970, 1, 1) + timedelta(microseconds=int(number * 1_000_000 / per_second))  # noqa: DTZ001
    except OverflowError:
        return None


def milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    """Whole milliseconds between two instants; None when one is missing or they are in the wrong order."""
    if start is None or end is None or end < start:
        return None
    return (end - start) // timedelta(milliseconds=1)


def _show(value: Any) -> str:
    shown = repr(str(value)) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
