"""Many clients on loopback in a process of their own: each asks again once it is answered, at once or after a pause.

`python -m tests.benchmarks.asking_run` reads a `Plan` as JSON and writes what it found as JSON. One thread, plain
sockets: what is measured is the server, not the client. Put here: asking. Keep out: what is asked, figures.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What to ask, by how many clients, for how long."""

    port: int
    key: str
    paths: list[str]
    """Asked in turn, from the first again after the last."""
    clients: int
    seconds: float
    pause: float = 0.0
    """Seconds between an answer and the next question of a client."""


@dataclass
class Found:
    """What came back: milliseconds of each request, how many failed, and each different body once."""

    times: list[float] = field(default_factory=list)
    errors: int = 0
    bodies: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class _Client(asyncio.Protocol):
    """One connection that is kept."""

    def __init__(self, plan: Plan, found: Found, numbers: Any, until: float, is_done: asyncio.Event) -> None:
        self.plan, self.found, self.numbers, self.until, self.is_done = plan, found, numbers, until, is_done
        self.content = bytearray()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next question, or end."""
        if time.monotonic() >= self.until:
            self.transport.close()
            return
        path = self.plan.paths[next(self.numbers) % len(self.plan.paths)]
        self.began = time.perf_counter()
        self.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.plan.port}\r\nAuthorization: Bearer {self.plan.key}\r\n\r\n"
            .encode()
        )  # fmt: skip

    def data_received(self, data: bytes) -> None:
        self.content += data
        end = self.content.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.content[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self.content) < end + 4 + length:
            return
        self.found.times.append((time.perf_counter() - self.began) * 1000)
        body = bytes(self.content[end + 4 :])
        self.content.clear()
        if head.split(b" ", 2)[1] != b"200":
            self.found.errors += 1
        else:
            self.found.bodies.setdefault(hashlib.blake2b(body, digest_size=12).hexdigest(), body.decode())
        if self.plan.pause:
            asyncio.get_running_loop().call_later(self.plan.pause, self.ask)
        else:
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self.found.errors += error is not None
        self.is_done.set()


async def _ask(plan: Plan) -> Found:
    found, numbers = Found(), iter(range(sys.maxsize))
    began = time.monotonic()
    loop, ends = asyncio.get_running_loop(), []
    for _ in range(plan.clients):
        is_done = asyncio.Event()
        client = _Client(plan, found, numbers, began + plan.seconds, is_done)
        await loop.create_connection(lambda client=client: client, "127.0.0.1", plan.port)  # type: ignore[misc]
        ends.append(is_done)
    for is_done in ends:
        await is_done.wait()
    found.seconds = time.monotonic() - began
    return found


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_ask(Plan(**json.load(sys.stdin))))), sys.stdout)
