"""What happens around every request: under which name it came, what the log says of it, headers of every answer.

Put here: the outermost layer. Keep out: who asks (`asking`).
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestration.serving.http.problems import problem
from orchestration.serving.http.server import Server

QUIET = ("/healthz", "/readyz")
"""Not logged: they say nothing of anybody's money."""
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SECRET = ("key", "token", "secret", "password", "code", "state")
_log = logging.getLogger("costops.serve")


class Accounting:
    """Refuses other hosts, logs each access before its answer leaves, adds headers."""

    def __init__(self, app: ASGIApp, server: Server) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        name = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host
        if not self.server.options.is_public and name.lower() not in self.server.hosts:
            await problem(421, "the server does not answer under this name", "costops serve --host-name NAME")(
                scope, receive, send
            )
            return
        is_refused = False

        async def sending(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                return
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
                try:
                    self._log(scope, message["status"])
                except OSError as error:
                    is_refused = True
                    _log.error("the audit log cannot be written: %s", error)
                    said = problem(503, "the audit log cannot be written", "see to the disk of the home")
                    await said(scope, receive, send)
                    return
            await send(message)

        await self.app(scope, receive, sending)

    def _log(self, scope: Scope, status: int) -> None:
        if scope["path"] in QUIET:
            return
        noted: dict[str, Any] = dict(scope.get("costops.audit", {}))
        route = scope.get("route")
        client = scope.get("client")
        self.server.audit.write({
            "principal_id": noted.pop("principal_id", None), "method": scope["method"],
            "path": scope["path"], "route": getattr(route, "path", None),
            "parameters": _parameters(scope.get("query_string", b"")), "status": status,
            "rows": noted.pop("rows", 0 if status >= 400 else None), "address": client[0] if client else None, **noted,
        })  # fmt: skip


def _parameters(text: bytes) -> dict[str, Any]:
    """What was asked for, without anything that could be a secret."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text.decode("latin-1"), keep_blank_values=True)[:50]:
        is_secret = any(word in name.lower() for word in _SECRET) or "costops_" in value
        shown = "***" if is_secret else value
        found[name] = [*found[name], shown] if isinstance(found.get(name), list) else (
            [found[name], shown] if name in found else shown
        )  # fmt: skip
    return found
