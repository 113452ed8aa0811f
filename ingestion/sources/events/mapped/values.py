"""One value of a mapping file: a name, a time, a unit, a pattern, as written and as it is used.

Put here: what one value may be; every error names the key and the remedy. Keep out: which keys there are and what they
make together (`mapping`).
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.sources.events.values import Refused, parse_instant

EPOCHS = {"epoch_s": "1000000", "epoch_ms": "1000", "epoch_us": "1", "epoch_ns": "0.001"}
OFFSETS = {"offset_s": "1000000", "offset_ms": "1000", "offset_us": "1"}
"""Microseconds in one unit."""
UNITS: dict[str, dict[str, Decimal]] = {
    "duration_ms": {
        "nanoseconds": Decimal("0.000001"),
        "microseconds": Decimal("0.001"),
        "milliseconds": Decimal(1),
        "seconds": Decimal(1000),
        "minutes": Decimal(60_000),
    },
    "recorded_cost_usd": {"microdollars": Decimal("0.000001"), "cents": Decimal("0.01"), "dollars": Decimal(1)},
}
UNITS["audio_milliseconds"] = UNITS["duration_ms"]
Keys = dict[str, Any]


class InvalidMapping(ValueError):
    """A mapping that cannot be used. `key` is the dotted place of the error."""

    def __init__(self, key: str, message: str, reason: str = "invalid_mapping") -> None:
        super().__init__(message)
        self.key = key
        self.reason = reason


def keys_of(place: str, value: Any, allowed: Any) -> Keys:
    """A group of keys, each of which must be known."""
    if not isinstance(value, dict) or not value:
        raise InvalidMapping(place, "is missing or empty; it must hold keys with values")
    for key in value:
        if key not in allowed:
            near = f"{place}.{key}" if place else str(key)
            raise InvalidMapping(near, f"is not known here; use {', '.join(sorted(allowed))}")
    return value


def boolean_of(place: str, value: Any, default: bool) -> bool:
    """True or false."""
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidMapping(place, "must be true or false")
    return value


def zone_of(place: str, value: Any) -> ZoneInfo:
    """An IANA time zone."""
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise InvalidMapping(place, f"{value!r} is not an IANA time zone such as Europe/Berlin or UTC") from None


def list_of(value: Any) -> list[Any]:
    """One value or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def names_of(place: str, value: Any) -> tuple[str, ...]:
    """The names of columns: one or several."""
    names = list_of(value)
    if value is not None and (not names or not all(isinstance(each, str) and each for each in names)):
        raise InvalidMapping(
            place, "must be the name of a column or a list of names; quote names that look like numbers"
        )
    return tuple(names)


def texts_of(place: str, value: Keys) -> dict[str, str]:
    """Keys, each with the name of a column."""
    for key, each in value.items():
        if not isinstance(each, str) or not each:
            raise InvalidMapping(f"{place}.{key}", "must be the name of a column")
    return {str(key): each for key, each in value.items()}


def lookup_of(place: str, value: Any) -> dict[str, Any]:
    """Old values, as text, each with its new one."""
    if value is None:
        return {}
    if not isinstance(value, dict) or any(isinstance(each, (dict, list)) for each in value.values()):
        raise InvalidMapping(place, "must hold pairs like  old value: new value")
    return {("true" if key else "false") if isinstance(key, bool) else str(key): each for key, each in value.items()}


def time_of(place: str, keys: Keys, zone: ZoneInfo) -> tuple[str, datetime | None]:
    """How times are written, and from when they are counted where they are offsets."""
    time_format = keys.get("format", "iso")
    if not isinstance(time_format, str) or not (
        time_format == "iso" or time_format in EPOCHS or time_format in OFFSETS or "%" in time_format
    ):
        known = ", ".join(["iso", *EPOCHS, *OFFSETS])
        raise InvalidMapping(f"{place}.format", f"must be {known} or a pattern such as %d/%m/%Y %H:%M:%S")
    if time_format not in OFFSETS:
        if "start" in keys:
            raise InvalidMapping(f"{place}.start", f"is for the formats {', '.join(OFFSETS)} only; remove it")
        return time_format, None
    try:
        start = keys["start"]
        return time_format, parse_instant(start if isinstance(start, datetime) else str(start))
    except KeyError:
        raise InvalidMapping(f"{place}.start", f"is missing; {time_format} counts from it, give an ISO time") from None
    except Refused as refused:
        raise InvalidMapping(f"{place}.start", refused.problem[1]) from None


def scale_of(place: str, name: str, keys: Keys) -> Decimal:
    """What a number is multiplied by: of its unit, and as told."""
    scale = Decimal(1)
    if "unit" in keys:
        known = UNITS[name]
        if keys["unit"] not in known:
            raise InvalidMapping(f"{place}.unit", f"{keys['unit']!r} is not known; use {', '.join(known)}")
        scale = known[keys["unit"]]
    if "scale" in keys:
        try:
            factor = Decimal(str(keys["scale"]))
        except InvalidOperation:
            factor = Decimal(0)
        if not factor.is_finite() or factor <= 0:
            raise InvalidMapping(f"{place}.scale", "must be a number above zero")
        scale *= factor
    return scale


def decimals_of(place: str, value: Any) -> int | None:
    """Digits after the point."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 12):
        raise InvalidMapping(place, "must be a whole number from 0 to 12: the digits after the point as printed")
    return value


def pattern_of(place: str, value: Any) -> re.Pattern[str] | None:
    """A regular expression."""
    if value is None:
        return None
    try:
        return re.compile(str(value))
    except re.error as error:
        raise InvalidMapping(place, f"is not a regular expression ({error})") from None
