"""The simulator as a server on loopback, and the context manager that tests and the demo use.

Put here: starting, stopping, addresses, the control endpoint. Keep out: what endpoints answer.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers.endpoint import reply
from ingestion.demo.providers.faults import Faults
from ingestion.demo.providers.provider import providers
from ingestion.demo.providers.state import Keys, Options, Simulator

CONTROL_PATH = "/__faults"
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Urls:
    """Base addresses as the sources' settings want them, and the simulator behind them."""

    root: str
    simulator: Simulator

    def __getattr__(self, name: str) -> str:
        """An address by its name, such as `openai`."""
        try:
            return self.addresses[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def addresses(self) -> dict[str, str]:
        """Every provider's addresses by name."""
        return {name: self.root + path for each in providers().values() for name, path in each.paths.items()}

    def environment(self) -> dict[str, str]:
        """Variables that switch every source on and point it here."""
        return {
            variable: value
            for each in providers().values()
            for variable, value in each.environment(self.addresses, self.simulator.keys).items()
        }

    def unused(self) -> set[str]:
        """Those variables of providers that the sample company has no account with."""
        return {
            variable
            for each in providers().values()
            if not each.has_account
            for variable in each.environment(self.addresses, self.simulator.keys)
        }


def _control(simulator: Simulator) -> Route:
    """Read what was asked, or set `now` and `faults` from JSON: for a simulator in another process."""

    async def handle(request: Request) -> Response:
        if request.method == "GET":
            state: dict[str, Any] = {
                "now": simulator.now.isoformat(),
                "requests": dict(simulator.journal.counts()),
                "failed": dict(simulator.journal.counts(failed=True)),
            }
            return reply(state)
        try:
            wanted = orjson.loads(await request.body())
            faults = Faults.of(wanted.get("faults", {}))
            now = datetime.fromisoformat(wanted["now"]) if "now" in wanted else simulator.now
        except (ValueError, TypeError, AttributeError, KeyError) as problem:
            return reply({"error": str(problem)}, 400)
        simulator.now = now
        if "faults" in wanted:
            simulator.faults = faults
        return reply({"now": simulator.now.isoformat()})

    return Route(CONTROL_PATH, handle, methods=["GET", "POST"])


def application(simulator: Simulator) -> Starlette:
    """The whole of it as an ASGI application."""
    routes = [route for each in providers().values() for route in each.routes(simulator)]
    return Starlette(routes=[*routes, _control(simulator)])


@contextmanager
def running(simulator: Simulator, *, port: int = 0) -> Iterator[Urls]:
    """Serve `simulator` on 127.0.0.1 in a thread of this process until the block ends.

    Raises:
        RuntimeError: it does not come up.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    # Cut connections are logged as errors by the server: they are wanted here.
    config = uvicorn.Config(application(simulator), log_config=None, log_level="critical", access_log=False)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="simulator")
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start")
            time.sleep(0.005)
        yield Urls(f"http://127.0.0.1:{listener.getsockname()[1]}", simulator)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@contextmanager
def running_simulator(
    truth: GroundTruth,
    *,
    now: datetime | None = None,
    faults: Faults | None = None,
    keys: Keys | None = None,
    options: Options | None = None,
    port: int = 0,
) -> Iterator[Urls]:
    """Serve the providers of a sample company: see `Simulator` and `running`."""
    with running(Simulator(truth, now=now, faults=faults, keys=keys, options=options), port=port) as urls:
        yield urls
