"""`costops metrics`: the published figures for Prometheus.

Put here: options, the server. Keep out: gauges, rules (`orchestration.publishing.prometheus`).
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import typer

from ingestion.config import Settings
from orchestration.commands.shared import HomeOption, console, fail, settings_of
from orchestration.text.terminal import plain

ADDRESS = "127.0.0.1"


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(metrics)


def metrics(
    to: Annotated[
        Path | None, typer.Option("--to", help="Write a .prom file, as the node exporter's text collector reads.")
    ] = None,
    serve: Annotated[
        int | None, typer.Option("--serve", help="Serve /metrics on this port of 127.0.0.1 instead.")
    ] = None,
    rules: Annotated[bool, typer.Option("--rules", help="The alerting rules instead of the figures.")] = False,
    routing: Annotated[bool, typer.Option("--routing", help="A start for Alertmanager's file instead.")] = False,
    grafana: Annotated[bool, typer.Option("--grafana", help="A Grafana dashboard over the figures instead.")] = False,
    home: HomeOption = None,
) -> None:
    """Print published figures as Prometheus reads them: spend, budgets, requests, GPUs, savings, freshness."""
    from orchestration.publishing.prometheus.exposition import write

    if rules + routing + grafana > 1:
        raise fail("--rules, --routing and --grafana are three files: ask for one at a time", 2)
    if serve is not None and (to is not None or rules or routing or grafana):
        raise fail("--serve goes with no other option but --home", 2)
    if serve is not None:
        return _serve(settings_of(home), serve)
    if rules:
        from orchestration.publishing.prometheus.rules import rules_file

        content = rules_file().encode()
    elif routing:
        from orchestration.publishing.prometheus.routing import routing_file

        content = routing_file().encode()
    elif grafana:
        from orchestration.publishing.prometheus.grafana import MissingSdkError, dashboard_json

        try:
            content = dashboard_json().encode()
        except MissingSdkError as error:
            raise fail(str(error)) from None
    else:
        from orchestration.publishing.query import NothingPublishedError

        try:
            content = _of(settings_of(home))
        except NothingPublishedError as error:
            raise fail(str(error)) from None
    if to is None:
        sys.stdout.write(content.decode())
        return None
    try:
        write(content, to)
    except OSError as error:
        raise fail(f"{to} cannot be written: {error.strerror}") from None
    console.print(f"Written: {plain(str(to))}", soft_wrap=True, highlight=False)
    return None


def _serve(settings: Settings, port: int) -> None:
    """Answer until interrupted. Each answer is read from the copy that is published then."""
    try:
        server = ThreadingHTTPServer((ADDRESS, port), _handler(settings))
    except (OSError, OverflowError) as error:
        raise fail(f"port {port} of {ADDRESS} cannot be used: {error}") from None
    console.print(f"http://{ADDRESS}:{server.server_port}/metrics (stop with Ctrl-C)", highlight=False)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _handler(settings: Settings) -> type[BaseHTTPRequestHandler]:
    from orchestration.publishing.prometheus.exposition import CONTENT_TYPE
    from orchestration.publishing.query import NothingPublishedError

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                return self._answer(404, b"figures are at /metrics\n", "text/plain")
            try:
                return self._answer(200, _of(settings), CONTENT_TYPE)
            except NothingPublishedError as error:
                return self._answer(503, f"{error}\n".encode(), "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Scrapes are no news."""

    return Handler


def _of(settings: Settings) -> bytes:
    from orchestration.presenting.standing import published_today
    from orchestration.publishing.prometheus.exposition import exposition
    from orchestration.publishing.query import open_published

    with open_published(settings) as connection:
        return exposition(connection, published_today(connection))
