"""A home or an application served over real HTTP on loopback, in a thread, for as long as a block lasts.

Put here: starting and stopping. Keep out: what is asked of it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.served_home import Served, small_model

ROOMY: dict[str, Any] = {
    "allow_writes": True, "requests_per_minute": 1e9, "failures_per_minute": 1e9, "segment_seconds": 0.05,
}  # fmt: skip


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The url of an application behind a free port of this machine."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            assert server.started
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def live(served: Served, model: Any = None, **options: Any) -> Iterator[str]:
    """The url of a server of this home."""
    app = create_app(served.settings, Options(**(ROOMY | options)))
    app.state.server._model = model or small_model()
    with listening(app) as url:
        yield url
