"""How OpenAI's organization API checks keys, reads queries and says no.

Put here: manners. Keep out: endpoints.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.state import Simulator

PREFIX = "/openai/v1"
_TYPES = {401: "invalid_request_error", 429: "rate_limit_error", 500: "server_error", 503: "server_error"}


class OpenAIDialect:
    """Bearer admin keys, errors as `{"error": {...}}`."""

    name = "openai"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """A project key is refused with 403, any other wrong key with 401."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Refusal(401, "Missing bearer authentication in header", None)
        if key == simulator.keys.openai_admin_key:
            return
        if key.startswith("sk-proj-"):
            scopes = "You have insufficient permissions for this operation. Missing scopes: api.usage.read."
            raise Refusal(403, scopes, None)
        raise Refusal(401, "Incorrect API key provided.", "invalid_api_key")

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """The error object; unknown members are null."""
        kind = _TYPES.get(refusal.status, "invalid_request_error")
        error = {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}
        return {"error": error}, {}

    def throttle(self, simulator: Simulator) -> Refusal:
        """429 with `retry-after`."""
        wait = {"retry-after": str(simulator.faults.retry_after_seconds)}
        return Refusal(429, "Rate limit reached for requests.", "rate_limit_exceeded", headers=wait)


def many(request: Request, name: str) -> list[str]:
    """An array parameter in either style: `name[]=a&name[]=b` or `name=a&name=b`."""
    return [*request.query_params.getlist(f"{name}[]"), *request.query_params.getlist(name)]


def question_of(request: Request) -> list[tuple[str, str]]:
    """The query without its page: what a page token belongs to."""
    pairs = [(name.removesuffix("[]"), value) for name, value in request.query_params.multi_items()]
    return [("path", request.url.path), *(pair for pair in pairs if pair[0] != "page")]


def group_by(request: Request, allowed: tuple[str, ...], simulator: Simulator) -> list[str]:
    """The fields asked for; Refusal for one that does not exist here or a set that is refused."""
    asked = list(dict.fromkeys(many(request, "group_by")))
    wrong = [one for one in asked if one not in allowed]
    if wrong:
        message = f"Invalid group_by value {wrong[0]!r}: supported values are {', '.join(allowed)}."
        raise Refusal(400, message, "invalid_value", "group_by")
    refused = simulator.faults.refuses(asked)
    if refused:
        raise Refusal(400, f"Grouping by {', '.join(refused)} is not supported.", "unsupported_group_by", "group_by")
    return asked


def read_seconds(request: Request, name: str) -> int | None:
    """A Unix time in seconds; Refusal if it is something else."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise Refusal(400, f"Invalid {name}: expected an integer of Unix seconds.", "invalid_type", name)
    return int(text)
