"""Tools for AI assistants at `/mcp`: streamable HTTP by the official SDK, with the keys, rows and limits of the API.

Every request shows its key and stands alone: there is no session to take over. Put here: the road from a request to a
desk. Keep out: tools (`serving.assistants`).
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from fastapi import Request
from starlette.types import Receive, Scope, Send

from orchestration.serving.assistants.desk import Desk
from orchestration.serving.http.asking import authenticated, key_in
from orchestration.serving.http.server import Server

PATH = "/mcp"
MOST_BYTES = 1 << 20
_VIEWER = "costops.viewer"


def are_installed() -> bool:
    """Whether the SDK is."""
    return find_spec("mcp") is not None


class Assistants:
    """An ASGI application that answers at one path while `running`."""

    def __init__(self, server: Server) -> None:
        from mcp.server.transport_security import TransportSecuritySettings

        from orchestration.serving.assistants.server import server_of

        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=not server.options.is_public,
            allowed_hosts=[each for name in server.hosts for each in (name, f"{name}:*")],
            allowed_origins=[
                each for name in server.hosts for scheme in ("http", "https")
                for each in (f"{scheme}://{name}", f"{scheme}://{name}:*")
            ],
        )  # fmt: skip

        def desk_of(context: Any) -> Desk:
            viewer = context.request_context.request.scope[_VIEWER]
            return Desk(server.settings, viewer, server.publications, lambda: server.model, server.audit)

        tools = server_of(desk_of, version("llm-cost-ops"))
        self._app = tools.streamable_http_app(
            streamable_http_path=PATH, json_response=True, stateless_http=True, transport_security=security,
            max_request_body_size=MOST_BYTES,
        )  # fmt: skip

    def running(self) -> AbstractAsyncContextManager[Any]:
        """A context in which it answers."""
        return self._app.router.lifespan_context(self._app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of whoever shows a good key.

        Raises:
            Refused: nobody that is known, or too often.
        """
        request = Request(scope, receive)
        scope[_VIEWER] = await authenticated(request, *await key_in(request))
        await self._app(scope, receive, send)
