"""A loopback server that answers as it is told: one function from path, query and headers to status and body."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    def one(self, name: str) -> str | None:
        return self.query.get(name, [None])[0]  # type: ignore[list-item]


Answer = tuple[int, Any]


@dataclass
class Server:
    """The address, and what was asked so far."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    def to(self, part: str) -> list[Asked]:
        return [each for each in self.asked if part in each.path]


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """Serve until the block ends. A body that is text goes out as it is."""
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(address.path, parse_qs(address.query), headers)
            server.asked.append(asked)
            status, body = answer(asked)
            sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
