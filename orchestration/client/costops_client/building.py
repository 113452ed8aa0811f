"""JSON to typed objects: decimals from text, days and instants from ISO 8601, what is unknown stays None.

Put here: conversion by declared types. Keep out: which types there are (`answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from costops_client.errors import UnexpectedAnswer

T = TypeVar("T")


def built(kind: type[T], value: Any) -> T:
    """A JSON object as a dataclass; fields that it does not declare are left out.

    Raises:
        UnexpectedAnswer: a declared field is missing, or is none of its type.
    """
    return _object(kind, value)  # type: ignore[no-any-return]


def hints_of(kind: Any) -> dict[str, Any]:
    """The types of the fields of a dataclass."""
    return _hints(kind)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: each for name, each in hints.items() if get_origin(each) is not ClassVar}


def _object(kind: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise _unexpected(kind.__name__, value)
    found = {}
    for each in fields(kind):
        if each.name in value:
            found[each.name] = _value(hints_of(kind)[each.name], value[each.name], f"{kind.__name__}.{each.name}")
        elif not _has_default(each):
            raise _unexpected(f"{kind.__name__}.{each.name}", "nothing")
    return kind(**found)


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _value(kind: Any, value: Any, place: str) -> Any:
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of([each for each in get_args(kind) if each is not NoneType], kind, value, place)
    if origin is list:
        return [_value(get_args(kind)[0], each, place) for each in _of(list, value, place)]
    if origin is dict:
        return {name: _value(get_args(kind)[1], each, place) for name, each in _of(dict, value, place).items()}
    if is_dataclass(kind):
        return _object(kind, value)
    return _plain(kind, value, place)


def _one_of(kinds: list[Any], whole: Any, value: Any, place: str) -> Any:
    if value is None:
        if NoneType in get_args(whole):
            return None
        raise _unexpected(place, value)
    if set(kinds) == {date, datetime}:
        return _plain(date if len(str(value)) == 10 else datetime, value, place)
    return _value(kinds[0], value, place)


def _plain(kind: type[Any], value: Any, place: str) -> Any:
    try:
        if kind is Decimal:
            return Decimal(str(value))
        if kind is datetime:
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if kind is date:
            return date.fromisoformat(value)
        if kind is float:
            return float(value)
    except (ArithmeticError, TypeError, ValueError):
        raise _unexpected(place, value) from None
    return _of(kind, value, place)


def _of(kind: type[Any], value: Any, place: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _unexpected(place, value)
    return value


def _unexpected(place: str, value: Any) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"{place} is {str(value)[:60]!r}", remedy="server and client are of versions that do not fit: update one"
    )
