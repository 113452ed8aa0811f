"""Real receivers on loopback: an SMTP server and a webhook, each of which can be down for a while."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """An SMTP server; while it is down it answers every message with 451."""

    def __init__(self) -> None:
        self.is_down = False
        self.messages: list[EmailMessage] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.is_down:
            return "451 try again later"
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def __enter__(self) -> Mailbox:
        self.controller.port = _free_port()
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def variables(self) -> dict[str, str]:
        return {
            "COSTOPS_ALERT_SMTP_HOST": "127.0.0.1",
            "COSTOPS_ALERT_SMTP_PORT": str(self.controller.port),
            "COSTOPS_ALERT_SMTP_SECURITY": "none",
            "COSTOPS_ALERT_EMAIL_TO": "finops@example.com",
        }

    @property
    def ids(self) -> list[str]:
        return [str(each["Message-ID"]).strip("<>").removesuffix("@costops") for each in self.messages]


class Hook(ThreadingHTTPServer):
    """A webhook; while it is down it answers 503. `received`: headers and the body as it came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_down = False
        self.received: list[tuple[dict[str, str], bytes]] = []

    def __enter__(self) -> Hook:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def ids(self) -> list[str]:
        return [headers["Idempotency-Key"] for headers, _ in self.received]

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.is_down:
            self.server.received.append((dict(self.headers), body))
        self.send_response(503 if self.server.is_down else 202)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
