"""What can go wrong, as exceptions that say what, where, and what to do about it.

Put here: errors, and how an answer becomes one. Keep out: whether to try again (`retrying`).
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from costops_client.retrying import retry_after


class CostOpsError(Exception):
    """Anything that this client raises. `remedy`: what to do about it."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message, self.remedy = message, remedy


class MissingPackage(CostOpsError, ImportError):
    """A result is asked for in a form whose package is not installed."""


class Unreachable(CostOpsError):
    """No answer came: no connection, or it broke."""


class TimedOut(Unreachable):
    """No answer came in time."""


class UnexpectedAnswer(CostOpsError):
    """Something answered that is no `costops serve`, or one of another version."""


class ApiError(CostOpsError):
    """The server says what is wrong (problem+json).

    `status`: the HTTP status. `field`: the parameter that is wrong, where it is one.
    """

    def __init__(
        self, status: int, message: str, *, title: str = "", remedy: str = "", field: str | None = None
    ) -> None:
        super().__init__(f"{status}: {message}", remedy=remedy)
        self.status, self.title, self.message, self.field = status, title, message, field
        self.retry_after_seconds: float | None = None
        """When to ask again, where the server says so."""


class AskedWrongly(ApiError):
    """A parameter cannot be used."""


class NotAuthenticated(ApiError):
    """No key, or none that is good."""


class NotAllowed(ApiError):
    """The role of the key does not include this."""


class NotFound(ApiError):
    """Nothing of this name that the key may see."""


class TooManyRequests(ApiError):
    """More than a minute allows; `retry_after_seconds` says when there is room."""


class NotNow(ApiError):
    """Nothing is published yet, or a run holds what this needs."""


class ServerBroke(ApiError):
    """The server, or one between, could not answer."""


_KINDS: dict[int, type[ApiError]] = {
    400: AskedWrongly, 401: NotAuthenticated, 403: NotAllowed, 404: NotFound, 413: AskedWrongly, 415: AskedWrongly,
    422: AskedWrongly, 429: TooManyRequests, 503: NotNow,
}  # fmt: skip


def error_of(response: httpx.Response) -> ApiError:
    """An answer that is none, as an exception."""
    said = _problem(response)
    kind = _KINDS.get(response.status_code, ServerBroke if response.status_code >= 500 else ApiError)
    error = kind(
        response.status_code, str(said.get("detail") or said.get("title") or response.reason_phrase),
        title=str(said.get("title", "")), remedy=str(said.get("remedy", "")), field=said.get("field"),
    )  # fmt: skip
    error.retry_after_seconds = retry_after(response)
    return error


def unreachable(error: httpx.TransportError, url: httpx.URL) -> Unreachable:
    """A connection that came to nothing, as an exception. The key is in no part of it."""
    place = f"{url.scheme}://{url.netloc.decode('ascii')}"
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"{place} did not answer in time", remedy="ask for less, or give a longer timeout")
    words = str(error) or type(error).__name__
    return Unreachable(f"{place} cannot be reached ({words})", remedy="start costops serve, or set COSTOPS_URL")


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        found = json.loads(response.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
