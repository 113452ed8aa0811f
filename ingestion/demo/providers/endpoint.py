"""How a request is answered: counted, made to fail if so decided, checked for its key, answered, refused.

Put here: what all providers have in common over HTTP. Keep out: what any of them says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ingestion.demo.providers.state import Simulator

NOT_FOUND, SERVER_ERROR = 404, 500
_FAULT_STATUS = {"error_500": 500, "error_503": 503, "too_many_requests": 429}


@dataclass
class Refusal(Exception):
    """The provider says no."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """A provider's manners."""

    name: str

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """Raises Refusal for a missing or wrong key."""

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """Body and headers of a refusal."""

    def throttle(self, simulator: Simulator) -> Refusal:
        """What a client hears that asks too often."""


class CutResponse(Response):
    """An answer whose connection breaks in the middle of the body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise the whole length, send half, and leave."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
        # Without a last message the server closes the connection.


class HangUp(Response):
    """Headers that promise a body, and a connection that closes before its first byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise, and leave."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})


def number(text: str) -> Any:
    """A JSON number printed exactly like this."""
    return orjson.Fragment(text.encode())


def json_bytes(payload: Any) -> bytes:
    """JSON text; numbers from `number` stand as they are."""
    return orjson.dumps(payload)


def reply(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(json_bytes(payload), status, dict(headers or {}), media_type="application/json")


Answer = Callable[[Request, bytes], Any]


def _refused(dialect: Dialect, refusal: Refusal) -> Response:
    body, headers = dialect.refuse(refusal)
    return reply(body, refusal.status, {**refusal.headers, **headers})


def _answer(simulator: Simulator, dialect: Dialect, name: str, request: Request, body: bytes, tell: Answer) -> Response:
    try:
        dialect.authorise(request, simulator)
        if any(absent in name for absent in simulator.faults.absent_endpoints):
            raise Refusal(NOT_FOUND, f"Unknown request URL: {request.method} {request.url.path}.", "unknown_url")
        told = tell(request, body)
    except Refusal as refusal:
        return _refused(dialect, refusal)
    return told if isinstance(told, Response) else reply(told)


async def _spoiled(kind: str, simulator: Simulator, dialect: Dialect, right: Callable[[], Response]) -> Response:
    faults = simulator.faults
    if kind == "too_many_requests":
        return _refused(dialect, dialect.throttle(simulator))
    if kind in _FAULT_STATUS:
        return _refused(dialect, Refusal(_FAULT_STATUS[kind], "The server had an error while processing your request."))
    if kind == "html":
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return Response(page, 502, media_type="text/html")
    if kind == "hang":
        await asyncio.sleep(faults.hang_seconds)
        return HangUp(b"never sent", 200)
    if kind == "slow":
        await asyncio.sleep(faults.slow_seconds)
        return right()
    answer = right()
    if kind == "cut":
        return CutResponse(answer.body, answer.status_code, media_type="application/json")
    if kind == "half_json":
        return Response(answer.body[: len(answer.body) // 2], answer.status_code, media_type="application/json")
    return Response(b'{"data": "\xff\xfe\xc3("}', 200, media_type="application/json")


def route(
    simulator: Simulator,
    dialect: Dialect,
    path: str,
    tell: Answer,
    *,
    name: str | None = None,
    methods: tuple[str, ...] = ("GET",),
    named_by: Callable[[Request], str] | None = None,
) -> Route:
    """A route that answers with `tell(request, body)`, a JSON value or a Response.

    It is counted as `<provider> <name>`; `named_by` gives the name of each request instead.
    """

    async def handle(request: Request) -> Response:
        body = await request.body()
        own = named_by(request) if named_by else (name or path)
        label = f"{dialect.name} {own}"
        fault = simulator.decide(label, f"{request.method} {request.url} {body!r}")

        def right() -> Response:
            return _answer(simulator, dialect, label, request, body, tell)

        response = right() if fault is None else await _spoiled(fault, simulator, dialect, right)
        simulator.journal.note(label, request.url.query, response.status_code, fault)
        return response

    endpoint: Callable[[Request], Awaitable[Response]] = handle
    return Route(path, endpoint, methods=list(methods))
