"""What went wrong, as `application/problem+json` (RFC 9457): the field, what is wrong with it, the remedy.

Put here: faults to status codes and bodies. Keep out: faults themselves (`serving.faults`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from orchestration.serving.faults import AskedWrongly, Fault, NotAllowed, NotFound, NotNow
from orchestration.serving.http.formats import json_bytes

TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read", 401: "No key, or none that is good", 403: "Not allowed",
    404: "There is no such thing", 405: "Not by this method", 409: "In conflict with what is there",
    413: "The body is too large", 415: "The body has another form", 421: "Not for this host",
    422: "A parameter cannot be used", 429: "Too many requests", 500: "Something broke in the server",
    503: "Not now",
}  # fmt: skip
STATUS: dict[type[Fault], int] = {AskedWrongly: 422, NotAllowed: 403, NotFound: 404, NotNow: 503}
_log = logging.getLogger("costops.serve")


class Refused(Exception):
    """A request that ends before any question is asked."""

    def __init__(self, status: int, message: str, remedy: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.remedy, self.headers = status, message, remedy, dict(headers or {})


def problem(
    status: int, detail: str, remedy: str, field: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that says what went wrong."""
    body: dict[str, Any] = {
        "type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail,
        "remedy": remedy,
    }  # fmt: skip
    if field is not None:
        body["field"] = field
    return Response(json_bytes(_clean(body)), status, dict(headers or {}), media_type=TYPE)


def install(app: FastAPI) -> None:
    """Let every fault of the app end so."""

    @app.exception_handler(Fault)
    async def fault(request: Request, error: Fault) -> Response:
        status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        headers = {"Retry-After": "5"} if status == 503 else None
        return problem(status, error.message, error.remedy, error.field, headers)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return problem(error.status, error.message, error.remedy, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if part not in ("query", "body", "path", "header")]
        field = ".".join(place) or "body"
        return problem(422, f"{field}: {first['msg']}", "see /api for the parameters and their types", field[:100])

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        remedy = {404: "see /api for what there is", 405: "see /api for the methods"}.get(error.status_code, "see /api")
        return problem(error.status_code, TITLES.get(error.status_code, str(error.detail)), remedy,
                       headers=error.headers)  # fmt: skip

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        _log.exception("%s %s", request.method, request.url.path, exc_info=error)
        return problem(500, "the server could not answer", "see its log; ask again, or report it")


def _clean(body: dict[str, Any]) -> dict[str, Any]:
    """Without characters that are no text."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in body.items()
    }
