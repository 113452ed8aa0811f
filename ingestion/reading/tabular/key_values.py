"""Columns of keys and values (tags, labels, details) as one JSON object, in the ways that exports and query tools write
them: an object, with or without braces; a list of keys and values; what Python or Athena prints of a map.

What could mean two things stays text. Put here: forms of key and value. Keep out: what a key means.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.literals import python_literal
from ingestion.reading.tabular.values import by_distinct

_NOTHING = frozenset({"[]", "{}", "null", "none", '""'})
_NAMES = (("key", "value"), ("tagkey", "tagvalue"), ("name", "value"))
_ATHENA_PAIR = re.compile(r"([^\s=,{}\[\]][^=,{}\[\]]*)=([^=,{}\[\]]*)")


def json_objects(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """JSON object text, and beside it the cells that are none and say something."""
    objects = by_distinct(column, json_object_text, pa.string()).values
    is_other = pc.and_(pc.is_valid(column), pc.is_null(objects))
    is_other = pc.and_(is_other, pc.invert(pc.is_in(pc.utf8_lower(column), value_set=pa.array(sorted(_NOTHING)))))
    return objects, pc.if_else(is_other, column, pa.scalar(None, pa.string()))


def json_object_text(text: str) -> str | None:
    """The text if it is a JSON object (also quoted twice, without braces, with a mark behind it), else an object that
    surely means the same; None where none does."""
    unquoted = text[1:-1].replace('""', '"') if text.startswith('"{""') and text.endswith('}"') else text
    bare = unquoted.rstrip(" ,:;")
    for candidate in (text, unquoted, "{" + bare + "}", bare):
        try:
            if isinstance(_json(candidate), dict):
                return candidate
        except (ValueError, RecursionError):
            continue
    found = _object_of(_value_of(text))
    return None if not found else json.dumps(found, ensure_ascii=False)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _json(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _value_of(text: str) -> Any:
    """What a text says as JSON, as JSON inside a JSON text, as a Python literal, or as a map that Athena prints."""
    try:
        value = _json(text)
        return _json(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        pass
    if text[:1] in ("{", "["):
        with suppress(ValueError):
            return python_literal(text)
    return _athena_map(text)


def _athena_map(text: str) -> dict[str, str] | None:
    """`{team=search, env=prod}`. None where a comma or an equals sign may belong to a value."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    found: dict[str, str] = {}
    for part in text[1:-1].split(", "):
        pair = _ATHENA_PAIR.fullmatch(part)
        if pair is None or pair[1] in found:
            return None
        found[pair[1]] = pair[2]
    return found


def _object_of(value: Any) -> dict[str, Any] | None:
    """An object, or a list of keys and values as one. None where a key comes twice or an entry is neither."""
    if isinstance(value, dict):
        return value if all(isinstance(key, str) and _is_plain(each) for key, each in value.items()) else None
    if not isinstance(value, (list, tuple)):
        return None
    pairs = [_pair(each) for each in value]
    given = [pair for pair in pairs if pair is not None]
    found = dict(given)
    return found if len(found) == len(value) else None


def _pair(entry: Any) -> tuple[str, Any] | None:
    if isinstance(entry, (list, tuple)) and len(entry) == 2 and isinstance(entry[0], str) and _is_plain(entry[1]):
        return entry[0], entry[1]
    if not isinstance(entry, dict):
        return None
    members = {str(name).lower(): each for name, each in entry.items()}
    for key, value in _NAMES:
        if isinstance(members.get(key), str) and _is_plain(members.get(value)):
            return members[key], members.get(value)
    return None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))
