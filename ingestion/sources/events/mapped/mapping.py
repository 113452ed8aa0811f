"""The mapping file: which column of a foreign file becomes which canonical column, and how.

Put here: the shape of `mapping.yml` and its validation; every error names the key and the remedy.
Keep out: applying it. `docs/sources/events.md` describes it for users.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ingestion.sources.events.fields import KINDS, Kind
from ingestion.sources.events.values import Refused, parse_instant
from ingestion.yaml_files import read_yaml

INPUT_TOKENS = "input_tokens"
"""Besides the canonical columns: input tokens as the file counts them; `input_includes_cached` says how."""
TARGETS = (*KINDS, INPUT_TOKENS)
TOP_KEYS = (
    "description",
    "delimiter",
    "where",
    "columns",
    "input_includes_cached",
    "output_includes_reasoning",
    "time_zone",
)
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
FIELD_KEYS = {
    "from", "constant", "values", "otherwise", "format", "time_zone", "start", "unit", "scale", "currency",
    "decimals", "pattern", "error_when", "ok_when",
}  # fmt: skip
Keys = dict[str, Any]


class InvalidMapping(ValueError):
    """A mapping that cannot be used. `key` is the dotted place of the error."""

    def __init__(self, key: str, message: str, reason: str = "invalid_mapping") -> None:
        super().__init__(message)
        self.key = key
        self.reason = reason


@dataclass(frozen=True)
class FieldMapping:
    """How one canonical column is made."""

    columns: tuple[str, ...] = ()
    constant: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    otherwise: Any = None
    has_otherwise: bool = False
    time_format: str = "iso"
    time_zone: ZoneInfo | None = None
    start: datetime | None = None
    scale: Decimal = Decimal(1)
    decimals: int | None = None
    pattern: re.Pattern[str] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    error_when: tuple[str, ...] = ()
    ok_when: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file."""

    fields: dict[str, FieldMapping]
    delimiter: str | None = None
    input_includes_cached: bool = False
    output_includes_reasoning: bool = True
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By column, the values of the rows that are calls; a row that has another value is passed over."""

    def columns_read(self, *, measures_only: bool = False) -> dict[str, str]:
        """The columns of the data files the mapping refers to, each with a canonical column made of it.

        Measures are the time, the counts and the cost: without their column every row would be wrong.
        """
        return {
            column: name
            for name, each in self.fields.items()
            for column in (*each.columns, *each.tags.values(), *each.error_when)
            if not measures_only or KINDS.get(name, Kind.COUNT) in (Kind.INSTANT, Kind.COUNT, Kind.MONEY)
        }


def read_mapping(path: Path) -> Mapping:
    """The validated mapping of a file; `InvalidMapping` says what to change."""
    try:
        content = read_yaml(path)
    except FileNotFoundError:
        message = "write this file; docs/sources/events.md shows how, docs/sources/examples/ has some"
        raise InvalidMapping("", message, "missing_mapping") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidMapping("", f"not readable as YAML ({' '.join(str(error).split())[:300]})") from None
    return mapping_from(content)


def mapping_from(content: Any) -> Mapping:
    """A mapping from parsed YAML."""
    keys = _keys("", content, TOP_KEYS)
    zone = _zone("time_zone", keys.get("time_zone", "UTC"))
    columns = _keys("columns", keys.get("columns"), TARGETS)
    if "requested_at_utc" not in columns:
        raise InvalidMapping("columns.requested_at_utc", "is missing; say which column holds the time of the request")
    fields = {name: _field(f"columns.{name}", name, value, zone) for name, value in columns.items()}
    includes = keys.get("input_includes_cached")
    if INPUT_TOKENS in fields and "uncached_input_tokens" in fields:
        raise InvalidMapping(f"columns.{INPUT_TOKENS}", "stands beside uncached_input_tokens; map one of the two")
    has_cached = any(name.startswith("cache_") for name in fields)
    if INPUT_TOKENS in fields and includes is None and has_cached:
        message = "is missing; say true if the file's input tokens include cached ones, else false"
        raise InvalidMapping("input_includes_cached", message)
    delimiter = keys.get("delimiter")
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
        raise InvalidMapping("delimiter", 'must be one character, such as ";" or "\\t"')
    return Mapping(
        fields,
        delimiter,
        _boolean("input_includes_cached", includes, False),
        _boolean("output_includes_reasoning", keys.get("output_includes_reasoning"), True),
        _where(keys.get("where")),
    )


def _where(value: Any) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not value:
        raise InvalidMapping("where", "must name columns with the values of the rows to land, like  run_type: llm")
    found = {}
    for column, wanted in value.items():
        values = _list(wanted)
        if not values or any(isinstance(each, (dict, list)) or each is None for each in values):
            raise InvalidMapping(f"where.{column}", "must be a value or a list of values")
        found[str(column)] = tuple(
            ("true" if each else "false") if isinstance(each, bool) else str(each) for each in values
        )
    return found


def _keys(place: str, value: Any, allowed: Any) -> Keys:
    if not isinstance(value, dict) or not value:
        raise InvalidMapping(place, "is missing or empty; it must hold keys with values")
    for key in value:
        if key not in allowed:
            near = f"{place}.{key}" if place else str(key)
            raise InvalidMapping(near, f"is not known here; use {', '.join(sorted(allowed))}")
    return value


def _boolean(place: str, value: Any, default: bool) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidMapping(place, "must be true or false")
    return value


def _zone(place: str, value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise InvalidMapping(place, f"{value!r} is not an IANA time zone such as Europe/Berlin or UTC") from None


def _field(place: str, name: str, value: Any, zone: ZoneInfo) -> FieldMapping:
    if name == "tags" and isinstance(value, dict):
        return FieldMapping(tags=_texts(place, value))
    if isinstance(value, (str, list)):
        value = {"from": value}
    kind = KINDS.get(name, Kind.COUNT)
    keys = _keys(place, value, FIELD_KEYS)
    if sum(key in keys for key in ("from", "constant", "error_when")) != 1:
        raise InvalidMapping(place, "needs exactly one of from (a column), constant" + _or_error(name))
    for key, (fits, remedy) in _ONLY_FOR.items():
        if key in keys and not fits(name, kind):
            raise InvalidMapping(f"{place}.{key}", f"does not apply to {name}; {remedy}")
    if "currency" in keys and keys["currency"] != "USD":
        raise InvalidMapping(f"{place}.currency", "must be USD; convert other currencies before landing")
    columns = _names(f"{place}.from", keys.get("from"))
    time_format, start = _time(place, keys, zone) if kind is Kind.INSTANT else ("iso", None)
    return FieldMapping(
        columns=columns,
        constant=keys.get("constant"),
        values=_lookup(f"{place}.values", keys.get("values")),
        otherwise=keys.get("otherwise"),
        has_otherwise="otherwise" in keys,
        time_format=time_format,
        time_zone=_zone(f"{place}.time_zone", keys["time_zone"]) if "time_zone" in keys else zone,
        start=start,
        scale=_scale(place, name, keys),
        decimals=_decimals(f"{place}.decimals", keys.get("decimals")),
        pattern=_pattern(f"{place}.pattern", keys.get("pattern")),
        error_when=_names(f"{place}.error_when", keys.get("error_when")),
        ok_when=tuple(str(each) for each in _list(keys.get("ok_when"))),
    )


Rule = tuple[Callable[[str, Kind], bool], str]
_ONLY_FOR: dict[str, Rule] = {
    "format": (lambda name, kind: kind is Kind.INSTANT, "it is for requested_at_utc"),
    "time_zone": (lambda name, kind: kind is Kind.INSTANT, "it is for requested_at_utc"),
    "start": (lambda name, kind: kind is Kind.INSTANT, "it is for requested_at_utc"),
    "unit": (lambda name, kind: name in UNITS, f"it is for {', '.join(UNITS)}"),
    "scale": (lambda name, kind: kind in (Kind.COUNT, Kind.MONEY), "it is for counts and cost"),
    "currency": (lambda name, kind: kind is Kind.MONEY, "it is for recorded_cost_usd"),
    "decimals": (lambda name, kind: kind is Kind.MONEY, "it is for recorded_cost_usd"),
    "pattern": (lambda name, kind: kind is Kind.TEXT, "it is for text columns"),
    "error_when": (lambda name, kind: name == "status", "it is for status"),
    "ok_when": (lambda name, kind: name == "status", "it is for status"),
}


def _or_error(name: str) -> str:
    return " or error_when (columns that hold an error)" if name == "status" else ""


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _names(place: str, value: Any) -> tuple[str, ...]:
    names = _list(value)
    if value is not None and (not names or not all(isinstance(each, str) and each for each in names)):
        raise InvalidMapping(
            place, "must be the name of a column or a list of names; quote names that look like numbers"
        )
    return tuple(names)


def _texts(place: str, value: Keys) -> dict[str, str]:
    for key, each in value.items():
        if not isinstance(each, str) or not each:
            raise InvalidMapping(f"{place}.{key}", "must be the name of a column")
    return {str(key): each for key, each in value.items()}


def _lookup(place: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or any(isinstance(each, (dict, list)) for each in value.values()):
        raise InvalidMapping(place, "must hold pairs like  old value: new value")
    return {("true" if key else "false") if isinstance(key, bool) else str(key): each for key, each in value.items()}


def _time(place: str, keys: Keys, zone: ZoneInfo) -> tuple[str, datetime | None]:
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


def _scale(place: str, name: str, keys: Keys) -> Decimal:
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


def _decimals(place: str, value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 12):
        raise InvalidMapping(place, "must be a whole number from 0 to 12: the digits after the point as printed")
    return value


def _pattern(place: str, value: Any) -> re.Pattern[str] | None:
    if value is None:
        return None
    try:
        return re.compile(str(value))
    except re.error as error:
        raise InvalidMapping(place, f"is not a regular expression ({error})") from None
