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

from ingestion.sample_company import GroundTruth
from ingestion.simulator.anthropic import anthropic_routes
from ingestion.simulator.aws import aws_routes
from ingestion.simulator.azure import ACCOUNTS, RESOURCE_IDS, azure_routes
from ingestion.simulator.endpoint import reply
from ingestion.simulator.faults import Faults
from ingestion.simulator.groq import groq_routes
from ingestion.simulator.openai import openai_routes
from ingestion.simulator.openrouter import openrouter_routes
from ingestion.simulator.state import Keys, Options, Simulator

CONTROL_PATH = "/__faults"
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Urls:
    """Base addresses as the sources' settings want them, and the simulator behind them."""

    root: str
    simulator: Simulator

    @property
    def openai(self) -> str:
        """For `OPENAI_BASE_URL`."""
        return f"{self.root}/openai/v1"

    @property
    def anthropic(self) -> str:
        """For `ANTHROPIC_BASE_URL`."""
        return f"{self.root}/anthropic"

    @property
    def groq(self) -> str:
        """For `GROQ_BASE_URL`."""
        return f"{self.root}/groq/v1/metrics/prometheus"

    @property
    def azure(self) -> str:
        """For `AZURE_MANAGEMENT_URL`."""
        return f"{self.root}/azure"

    @property
    def azure_authority(self) -> str:
        """For `AZURE_AUTHORITY_HOST`."""
        return f"{self.root}/azure-login"

    @property
    def aws(self) -> str:
        """For `AWS_ENDPOINT_URL_COST_EXPLORER`."""
        return f"{self.root}/aws"

    @property
    def openrouter(self) -> str:
        """For `OPENROUTER_BASE_URL`."""
        return f"{self.root}/openrouter/api/v1"

    def environment(self) -> dict[str, str]:
        """Variables that switch every source on and point it here."""
        keys = self.simulator.keys
        return {
            "OPENAI_ADMIN_KEY": keys.openai_admin_key,
            "OPENAI_BASE_URL": self.openai,
            "ANTHROPIC_ADMIN_KEY": keys.anthropic_admin_key,
            "ANTHROPIC_BASE_URL": self.anthropic,
            "GROQ_API_KEY": keys.groq_api_key,
            "GROQ_BASE_URL": self.groq,
            "OPENROUTER_API_KEY": keys.openrouter_api_key,
            "OPENROUTER_BASE_URL": self.openrouter,
            "AZURE_TENANT_ID": keys.azure_tenant_id,
            "AZURE_CLIENT_ID": keys.azure_client_id,
            "AZURE_CLIENT_SECRET": keys.azure_client_secret,
            "AZURE_AUTHORITY_HOST": self.azure_authority,
            "AZURE_MANAGEMENT_URL": self.azure,
            "AZURE_COST_SCOPES": ",".join(f"/subscriptions/{subscription}" for subscription in ACCOUNTS),
            "AZURE_OPENAI_RESOURCE_IDS": ",".join(RESOURCE_IDS),
            "AWS_ACCESS_KEY_ID": keys.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.aws_secret_access_key,
            "AWS_REGION": "us-east-1",
            "AWS_COST_TAGS": "project",
            "AWS_ENDPOINT_URL_COST_EXPLORER": self.aws,
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
    routes = [
        *openai_routes(simulator),
        *anthropic_routes(simulator),
        *groq_routes(simulator),
        *azure_routes(simulator),
        *aws_routes(simulator),
        *openrouter_routes(simulator),
        _control(simulator),
    ]
    return Starlette(routes=routes)


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
