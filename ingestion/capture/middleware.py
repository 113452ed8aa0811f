"""ASGI middleware: calls made while a request is answered are for whom its headers, or a function, say.

Put here: requests to scopes. Keep out: the scope itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from ingestion.capture.scope import NAMES, extended, scope_of

HEADERS = {f"x-costops-{name.replace('_', '-')}": name for name in NAMES}
"""Headers that are read where none are named, and what they say."""
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class CaptureMiddleware:
    """`app.add_middleware(CaptureMiddleware)`, or around any ASGI application.

    `headers`: header to a name of `scope`. `resolve`: from the ASGI scope to such names, say by the session that a
    login left; it wins. What either does wrong costs the attribution and never the request. Headers come from
    callers: behind an edge that lets anybody set them, use `resolve`, or strip them there.
    """

    def __init__(
        self,
        app: App,
        headers: Mapping[str, str] | None = None,
        resolve: Callable[[Scope], Mapping[str, str | None]] | None = None,
    ) -> None:
        self.app = app
        self._headers = {name.lower().encode("latin-1"): said for name, said in (headers or HEADERS).items()}
        self._resolve = resolve

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer with the scope of the request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        with scope_of(extended(self._said(scope), None)):
            await self.app(scope, receive, send)

    def _said(self, scope: Scope) -> dict[str, str | None]:
        whom: dict[str, str | None] = {}
        for name, value in scope.get("headers") or ():
            if (said := self._headers.get(name.lower())) is not None:
                whom[said] = value.decode("latin-1")
        if self._resolve is not None:
            with suppress(Exception):  # the application answers all the same
                whom.update(self._resolve(scope))
        return whom
