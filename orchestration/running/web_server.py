"""Dagster's web server behind a check of who asks, and `dagster dev` with that server.

The server needs no password, because it listens on this machine alone. A page of another site can still reach it from
a browser here: by a name of its own that it lets point to 127.0.0.1 (the Host header then names it), or by a plain
request (the Origin header does). Both are refused. `python -m orchestration.running.web_server dev …` takes the
arguments of `dagster dev`; without `dev` those of `dagster-webserver`.

Put here: the check, and getting it before Dagster's server. Keep out: processes (`ui`).
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ingestion.config import Settings
from ingestion.vocabulary.addresses import is_loopback

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
WORDS = b"This name is not served. Open http://127.0.0.1 or localhost, or set COSTOPS_UI_HOSTS to the name you use.\n"


class KnownHostsOnly:
    """Answers requests and web sockets for loopback names and `hosts`, from pages of the same; 403 for all others."""

    def __init__(self, app: App, hosts: tuple[str, ...] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a known request on."""
        if scope["type"] not in ("http", "websocket") or self._is_known(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(WORDS)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": WORDS})

    def _is_known(self, scope: Scope) -> bool:
        given = [(name.lower(), value.decode("latin-1")) for name, value in scope.get("headers", [])]
        hosts = [value for name, value in given if name == b"host"]
        origins = [value for name, value in given if name == b"origin"]
        return len(hosts) == 1 and self._is_ours(f"//{hosts[0]}") and all(self._is_ours(origin) for origin in origins)

    def _is_ours(self, address: str) -> bool:
        try:
            host = urlsplit(address).hostname
        except ValueError:
            return False
        return bool(host) and (is_loopback(host) or str(host).rstrip(".") in self._hosts)


def _serve() -> None:
    """`dagster-webserver` with the check first."""
    from dagster_webserver.cli import main
    from dagster_webserver.webserver import DagsterWebserver
    from starlette.middleware import Middleware

    hosts = Settings.from_env().ui_hosts
    theirs = DagsterWebserver.build_middleware

    def checked(self: DagsterWebserver) -> list[Middleware]:
        return [Middleware(KnownHostsOnly, hosts=hosts), *theirs(self)]

    DagsterWebserver.build_middleware = checked  # type: ignore[method-assign]
    main()


def _dev(arguments: list[str]) -> None:
    """`dagster dev`, which starts `python -m dagster_webserver` by itself; here it starts this module instead."""
    from dagster._cli import dev

    theirs = dev.open_ipc_subprocess

    def ours(parts: Sequence[str], **options: Any) -> Any:
        return theirs(
            ["orchestration.running.web_server" if each == "dagster_webserver" else each for each in parts], **options
        )

    dev.open_ipc_subprocess = ours
    dev.dev_command(arguments, prog_name="dagster dev")


if __name__ == "__main__":
    if sys.argv[1:2] == ["dev"]:
        _dev(sys.argv[2:])
    else:
        _serve()
