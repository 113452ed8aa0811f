"""A question on its way to a server: path, parameters as text, body, how its answer is read.

Put here: the form of a question, how a client names it. Keep out: which questions there are (`calls`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import update_wrapper
from inspect import Parameter, signature
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from costops_client.building import built
from costops_client.errors import UnexpectedAnswer

T = TypeVar("T")
API = "/api/v1"
JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"
Read = Callable[[Any], T] | type[T]


@dataclass(frozen=True)
class Call(Generic[T]):
    """One question. `is_repeatable`: asking twice changes nothing."""

    path: str
    read: Read[T]
    parameters: tuple[tuple[str, str], ...] = ()
    body: Any = None
    is_repeatable: bool = True

    def request(self, http: httpx.Client | httpx.AsyncClient, accept: str = JSON) -> httpx.Request:
        """It as a request of a client."""
        method = "GET" if self.body is None else "POST"
        content = None if self.body is None else json.dumps(self.body, default=_as_text).encode()
        headers = {"Accept": accept} | ({"Content-Type": JSON} if content is not None else {})
        return http.build_request(method, self.path, params=self.parameters, content=content, headers=headers)

    def answer(self, response: httpx.Response) -> T:
        """What was answered.

        Raises:
            UnexpectedAnswer: it is not what `costops serve` answers.
        """
        try:
            found = json.loads(response.content)
        except ValueError:
            wanted = "see whether COSTOPS_URL is a costops serve"
            raise UnexpectedAnswer(f"{self.path} answered no JSON", remedy=wanted) from None
        return built(self.read, found) if isinstance(self.read, type) else self.read(found)

    def with_parameter(self, name: str, value: str) -> Call[T]:
        """The same with one parameter set."""
        others = tuple(pair for pair in self.parameters if pair[0] != name)
        return replace(self, parameters=(*others, (name, value)))


def get(path: str, read: Read[T], **parameters: Any) -> Call[T]:
    """A question by GET; parameters that are None are left out, lists are repeated."""
    return Call(API + path, read, tuple(_pairs(parameters)))


def post(path: str, read: Read[T], body: Mapping[str, Any], *, is_repeatable: bool = False) -> Call[T]:
    """A question by POST; fields that are None are left out."""
    given = {name: value for name, value in body.items() if value is not None}
    return Call(API + path, read, body=given, is_repeatable=is_repeatable)


def path_of(template: str, name: str) -> str:
    """A path with a name in it, whatever characters the name has."""
    return template.format(quote(name, safe=""))


def filters_as_text(filters: Mapping[str, str | Sequence[str]] | None) -> list[str]:
    """`name:value`, repeated where one of several may be."""
    return [
        f"{name}:{value}"
        for name, given in (filters or {}).items()
        for value in ([given] if isinstance(given, str) else given)
    ]


def _pairs(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in parameters.items():
        values = value if isinstance(value, list) else [value]
        found += [(name, _as_text(each)) for each in values if each is not None]
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def name_as(method: Callable[..., Any], call: Callable[..., Call[Any]]) -> None:
    """Let a method be called, documented and completed as the question that it asks."""
    update_wrapper(method, call)
    asked = signature(call)
    own = Parameter("self", Parameter.POSITIONAL_ONLY)
    answer = str(asked.return_annotation).removeprefix("Call[").removesuffix("]")
    described = asked.replace(parameters=[own, *asked.parameters.values()], return_annotation=answer)
    setattr(method, "__signature__", described)  # noqa: B010
