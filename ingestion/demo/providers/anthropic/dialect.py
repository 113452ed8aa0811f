"""How Anthropic's Admin API checks keys, reads queries and says no.

Put here: manners. Keep out: endpoints.
"""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request

from ingestion.demo.providers.endpoint import Refusal
from ingestion.demo.providers.moments import read_rfc3339
from ingestion.demo.providers.state import Simulator

PREFIX = "/anthropic"
FAST_MODE_BETA = "fast-mode-2026-02-01"
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "overloaded_error",
}


class AnthropicDialect:
    """Admin keys in `x-api-key`, errors as `{"type": "error", "error": {...}}`."""

    name = "anthropic"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """An ordinary key is refused with 403, any other wrong key with 401; a version is required."""
        key = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not key:
            raise Refusal(401, "x-api-key header is required")
        if key != simulator.keys.anthropic_admin_key:
            if key.startswith("sk-ant-api"):
                raise Refusal(403, "This endpoint requires an Admin API key.")
            raise Refusal(401, "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            raise Refusal(400, "anthropic-version: header is required")

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """The error object with a request id."""
        kind = _TYPES.get(refusal.status, "api_error")
        mark = "req_" + hashlib.blake2b(refusal.message.encode(), digest_size=12).hexdigest()
        error = {"type": kind, "message": refusal.message}
        return {"type": "error", "error": error, "request_id": mark}, {"request-id": mark}

    def throttle(self, simulator: Simulator) -> Refusal:
        """429 with `retry-after`."""
        wait = {"retry-after": str(simulator.faults.retry_after_seconds)}
        return Refusal(429, "This request would exceed your organization's rate limit.", headers=wait)


def many(request: Request, name: str) -> list[str]:
    """An array parameter: `name[]=a&name[]=b`, or repeated without brackets."""
    return [*request.query_params.getlist(f"{name}[]"), *request.query_params.getlist(name)]


def question_of(request: Request) -> list[tuple[str, str]]:
    """The query without its page: what a page token belongs to."""
    pairs = [(name.removesuffix("[]"), value) for name, value in request.query_params.multi_items()]
    return [("path", request.url.path), *(pair for pair in pairs if pair[0] != "page")]


def group_by(request: Request, allowed: tuple[str, ...], simulator: Simulator) -> list[str]:
    """The fields asked for; Refusal for one that does not exist here, needs a beta, or is refused."""
    asked = list(dict.fromkeys(many(request, "group_by")))
    for name in asked:
        if name not in allowed:
            raise Refusal(400, f"group_by.0: Input should be {', '.join(map(repr, allowed))}")
    if "speed" in asked and FAST_MODE_BETA not in request.headers.get("anthropic-beta", ""):
        raise Refusal(400, f"group_by: speed requires the beta header {FAST_MODE_BETA}")
    refused = simulator.faults.refuses(asked)
    if refused:
        raise Refusal(400, f"group_by: {', '.join(refused)} is not supported")
    return asked


def read_moment(request: Request, name: str) -> int | None:
    """Microseconds of an RFC 3339 parameter; Refusal if it is something else."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return read_rfc3339(text)
    except ValueError:
        raise Refusal(400, f"{name}: Input should be a valid datetime") from None
