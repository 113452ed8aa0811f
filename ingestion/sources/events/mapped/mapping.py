"""The mapping file: which column of a foreign file becomes which canonical column, and how.

Put here: the shape of `mapping.yml` and which keys go together; every error names the key and the remedy.
Keep out: what one value may be (`values`), applying it. `docs/sources/events.md` describes it for users.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ingestion.sources.events.fields import KINDS, Kind
from ingestion.sources.events.mapped.values import (
    UNITS,
    InvalidMapping,
    boolean_of,
    decimals_of,
    keys_of,
    list_of,
    lookup_of,
    names_of,
    pattern_of,
    scale_of,
    texts_of,
    time_of,
    zone_of,
)
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
    "decimal_comma",
    "summed_calls",
)
FIELD_KEYS = {
    "from", "constant", "values", "otherwise", "format", "time_zone", "start", "unit", "scale", "currency",
    "decimals", "pattern", "error_when", "ok_when",
}  # fmt: skip


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
    decimal_comma: bool = False


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file."""

    fields: dict[str, FieldMapping]
    delimiter: str | None = None
    input_includes_cached: bool = False
    output_includes_reasoning: bool = True
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By column, the values of the rows that are calls; a row that has another value is passed over."""
    summed_calls: str | None = None
    """The column that says of how many calls a row is the sum; steps of price depend on each of them."""

    def columns_read(self, *, measures_only: bool = False) -> dict[str, str]:
        """The columns of the data files the mapping refers to, each with a canonical column made of it.

        Measures are the time, the counts and the cost: without their column every row would be wrong.
        """
        found = {
            column: name
            for name, each in self.fields.items()
            for column in (*each.columns, *each.tags.values(), *each.error_when)
            if not measures_only or KINDS.get(name, Kind.COUNT) in (Kind.INSTANT, Kind.COUNT, Kind.MONEY)
        }
        return found | ({self.summed_calls: "summed_calls"} if self.summed_calls else {})


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
    keys = keys_of("", content, TOP_KEYS)
    zone = zone_of("time_zone", keys.get("time_zone", "UTC"))
    columns = keys_of("columns", keys.get("columns"), TARGETS)
    if "requested_at_utc" not in columns:
        raise InvalidMapping("columns.requested_at_utc", "is missing; say which column holds the time of the request")
    fields = {name: _field(f"columns.{name}", name, value, zone) for name, value in columns.items()}
    if boolean_of("decimal_comma", keys.get("decimal_comma"), False):
        fields = {name: replace(each, decimal_comma=True) for name, each in fields.items()}
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
        boolean_of("input_includes_cached", includes, False),
        boolean_of("output_includes_reasoning", keys.get("output_includes_reasoning"), True),
        _where(keys.get("where")),
        _name(keys.get("summed_calls")),
    )


def _name(value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise InvalidMapping("summed_calls", "must name the column that says of how many calls a row is the sum")
    return value


def _where(value: Any) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not value:
        raise InvalidMapping("where", "must name columns with the values of the rows to land, like  run_type: llm")
    found = {}
    for column, wanted in value.items():
        values = list_of(wanted)
        if not values or any(isinstance(each, (dict, list)) or each is None for each in values):
            raise InvalidMapping(f"where.{column}", "must be a value or a list of values")
        found[str(column)] = tuple(
            ("true" if each else "false") if isinstance(each, bool) else str(each) for each in values
        )
    return found


def _field(place: str, name: str, value: Any, zone: ZoneInfo) -> FieldMapping:
    if name == "tags" and isinstance(value, dict):
        return FieldMapping(tags=texts_of(place, value))
    if isinstance(value, (str, list)):
        value = {"from": value}
    kind = KINDS.get(name, Kind.COUNT)
    keys = keys_of(place, value, FIELD_KEYS)
    if sum(key in keys for key in ("from", "constant", "error_when")) != 1:
        raise InvalidMapping(place, "needs exactly one of from (a column), constant" + _or_error(name))
    for key, (fits, remedy) in _ONLY_FOR.items():
        if key in keys and not fits(name, kind):
            raise InvalidMapping(f"{place}.{key}", f"does not apply to {name}; {remedy}")
    if "currency" in keys and keys["currency"] != "USD":
        raise InvalidMapping(f"{place}.currency", "must be USD; convert other currencies before landing")
    columns = names_of(f"{place}.from", keys.get("from"))
    time_format, start = time_of(place, keys, zone) if kind is Kind.INSTANT else ("iso", None)
    return FieldMapping(
        columns=columns,
        constant=keys.get("constant"),
        values=lookup_of(f"{place}.values", keys.get("values")),
        otherwise=keys.get("otherwise"),
        has_otherwise="otherwise" in keys,
        time_format=time_format,
        time_zone=zone_of(f"{place}.time_zone", keys["time_zone"]) if "time_zone" in keys else zone,
        start=start,
        scale=scale_of(place, name, keys),
        decimals=decimals_of(f"{place}.decimals", keys.get("decimals")),
        pattern=pattern_of(f"{place}.pattern", keys.get("pattern")),
        error_when=names_of(f"{place}.error_when", keys.get("error_when")),
        ok_when=tuple(str(each) for each in list_of(keys.get("ok_when"))),
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
