"""Whom a call is for: a team, a feature, a customer, kept for as long as a block, a function or a request lasts.

Put here: the current scope. Keep out: where it comes from in a request (`middleware`), events (`envelope`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

NAMES = {
    "team": "team_id",
    "project": "project_id",
    "feature": "feature",
    "customer": "customer_id",
    "user": "user_id",
    "environment": "environment",
    "session": "session_id",
    "trace": "trace_id",
    "account": "account_id",
    "workspace": "workspace_id",
    "api_key_id": "api_key_id",
}
"""What a scope may say, and the field of an event that says it."""
LONGEST = 200
Function = TypeVar("Function", bound=Callable[..., Any])
_current: ContextVar[Mapping[str, Any]] = ContextVar("costops_capture_scope", default={})  # noqa: B039 - never changed


def current() -> Mapping[str, Any]:
    """Fields of events that are made now."""
    return _current.get()


@contextmanager
def scope(*, tags: Mapping[str, str] | None = None, **whom: str | None) -> Iterator[None]:
    """Calls within the block are for these; an inner scope adds to the outer one and wins. None says nothing.

    Raises:
        TypeError: a name is none of `NAMES`.
    """
    unknown = set(whom) - NAMES.keys()
    if unknown:
        raise TypeError(f"scope() knows {', '.join(NAMES)} and tags, not {', '.join(sorted(unknown))}")
    with scope_of(extended(whom, tags)):
        yield


@contextmanager
def scope_of(fields: Mapping[str, Any]) -> Iterator[None]:
    """Events made within the block have these fields."""
    token = _current.set(fields)
    try:
        yield
    finally:
        with suppress(ValueError):  # a generator that is closed elsewhere than it began
            _current.reset(token)


def extended(whom: Mapping[str, str | None], tags: Mapping[str, str] | None) -> dict[str, Any]:
    """The current fields with these on top."""
    fields = dict(_current.get())
    fields.update({NAMES[name]: str(value)[:LONGEST] for name, value in whom.items() if name in NAMES and value})
    if tags:
        said = {str(key)[:LONGEST]: str(value)[:LONGEST] for key, value in tags.items()}
        fields["tags"] = {**fields.get("tags", {}), **said}
    return fields


def attributed(*, tags: Mapping[str, str] | None = None, **whom: str | None) -> Callable[[Function], Function]:
    """A decorator: calls made while the function runs are for these. Plain, async and generator functions."""

    def decorate(function: Function) -> Function:
        wrapped: Callable[..., Any]
        if inspect.iscoroutinefunction(function):

            async def waits(*arguments: Any, **named: Any) -> Any:
                with scope(tags=tags, **whom):
                    return await function(*arguments, **named)

            wrapped = waits
        elif inspect.isasyncgenfunction(function):

            async def streams(*arguments: Any, **named: Any) -> Any:
                fields, made = extended(whom, tags), function(*arguments, **named)
                try:
                    while True:
                        with scope_of(fields):  # of its steps only: who asks between them is somebody else
                            try:
                                value = await made.__anext__()
                            except StopAsyncIteration:
                                return
                        yield value
                finally:
                    await made.aclose()

            wrapped = streams
        elif inspect.isgeneratorfunction(function):

            def yields(*arguments: Any, **named: Any) -> Any:
                fields, made = extended(whom, tags), function(*arguments, **named)
                sent = None
                try:
                    while True:
                        with scope_of(fields):
                            try:
                                value = made.send(sent)
                            except StopIteration as end:
                                return end.value
                        sent = yield value
                finally:
                    made.close()

            wrapped = yields
        else:

            def calls(*arguments: Any, **named: Any) -> Any:
                with scope(tags=tags, **whom):
                    return function(*arguments, **named)

            wrapped = calls
        return functools.wraps(function)(wrapped)  # type: ignore[return-value]

    return decorate
