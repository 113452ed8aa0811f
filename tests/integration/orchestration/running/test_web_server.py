"""The web interface answers pages of this machine only: no other name, no other site."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ingestion.config import Settings
from orchestration.running.web_server import KnownHostsOnly

KNOWN = ["127.0.0.1:3000", "localhost:3000", "localhost", "[::1]:3000", "LOCALHOST:3000", "127.0.0.1", "costs.example"]
FOREIGN = ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "["]


async def _socket(socket_: WebSocket) -> None:
    await socket_.accept()
    await socket_.send_text("hello")
    await socket_.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", lambda _: PlainTextResponse("hello"), methods=["GET", "POST"]), WebSocketRoute("/ws", _socket)]
    return TestClient(KnownHostsOnly(Starlette(routes=routes), hosts=("costs.example",)))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", KNOWN)
def test_known_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "hello"


@pytest.mark.parametrize("host", FOREIGN)
def test_other_names_are_refused_with_the_way_out(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "COSTOPS_UI_HOSTS" in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example:3000", "null", "file://"])
def test_pages_of_other_sites_are_refused(client: TestClient, origin: str) -> None:
    headers = {"host": "localhost:3000", "origin": origin}
    assert client.post("/", headers=headers).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws", headers=headers):
        pass


def test_pages_of_this_machine_are_answered(client: TestClient) -> None:
    headers = {"host": "localhost:3000", "origin": "http://localhost:3000"}
    assert client.post("/", headers=headers).text == "hello"
    with client.websocket_connect("/ws", headers=headers) as opened:
        assert opened.receive_text() == "hello"


def test_hosts_come_from_the_settings() -> None:
    assert Settings.from_env({"COSTOPS_UI_HOSTS": "costs.example, b.example"}).ui_hosts == (
        "costs.example",
        "b.example",
    )


def _status(port: int, host: str) -> int | None:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/server_info", headers={"host": host})
        return connection.getresponse().status
    except OSError:
        return None


def test_the_real_server_checks_the_host(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "nothing.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "orchestration.running.web_server",
            "-f",
            str(tmp_path / "nothing.py"),
            "--port",
            str(port),
        ],
        env=os.environ | {"DAGSTER_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 90
        while _status(port, "localhost") is None and time.monotonic() < deadline and server.poll() is None:
            time.sleep(0.3)
        assert _status(port, f"localhost:{port}") == 200
        assert _status(port, f"evil.example:{port}") == 403
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def test_dagster_still_starts_its_web_server_the_way_it_is_replaced() -> None:
    import inspect

    from dagster._cli import dev

    assert '"-m", "dagster_webserver"]' in inspect.getsource(dev)
    assert callable(dev.open_ipc_subprocess)
