"""Asks a server of its own process, by many clients at once, while publications are swapped in.

Put here: the load and its figures. Keep out: limits.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tests.support.served_home import Served

PATHS = {
    "metrics": "/api/v1/cost/metrics?period_start={day}&period_end=2027-01-01",
    "aggregate": "/api/v1/cost/aggregate?start_date={day}&end_date=2027-01-01&group_by=month,model&order_by=-sum",
    "records": "/api/v1/cost/records?start_date={day}&end_date=2027-01-01&limit=100",
    "check": "/api/v1/cost/budgets/check?scope=team:alpha&amount=1",
}
SAME_DAY = date(2025, 1, 1)
"""Before all data; a question that begins on another day before it has the same answer and is not the same question."""


@dataclass
class Load:
    """What one load showed; times in milliseconds."""

    name: str
    is_same: bool
    clients: int
    requests: int
    errors: int
    mixed: int
    publications: int
    p50: float
    p95: float
    per_second: float

    def __str__(self) -> str:
        """A line of a table."""
        return (
            f"{self.name:<10} {'one question' if self.is_same else 'all different':<13} {self.clients:>3} clients "
            f"{self.requests:>6} requests  p50 {self.p50:>7.1f} ms  "
            f"p95 {self.p95:>7.1f} ms  {self.per_second:>7.1f}/s  {self.errors} errors  {self.mixed} mixed  "
            f"{self.publications} publications"
        )


class Running:
    """`costops serve` on a free port of this machine."""

    def __init__(self, served: Served) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        program = "from orchestration.cli import app; app()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--port", str(self.port), "--home", str(served.settings.home),
             "--requests-per-minute", "1000000"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=1).connect()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server did not begin to listen")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def swap(database: Path, seconds: float, stop: threading.Event) -> None:
    """Publish every so often: the same marts, of which one amount says which copy it is."""
    number = 0
    fresh = database.with_name(".costops.duckdb.next")
    while not stop.wait(seconds):
        number += 1
        shutil.copyfile(database, fresh)
        with duckdb.connect(str(fresh)) as connection:
            for mart, cost in (("rpt_cost_daily", "spend_usd"), ("fct_allocated_costs_daily", "allocated_cost_usd")):
                day = f"(select max(usage_date) from marts.{mart})"
                connection.execute(f"update marts.{mart} set {cost} = {number} where usage_date = {day}")
        os.replace(fresh, database)


def load(served: Served, port: int, name: str, clients: int, seconds: float, *, is_same: bool) -> Load:
    """Ask for so long: one question over and over, or each time another one that has the same answer."""
    times: list[float] = []
    sums: dict[str, set[str]] = {}
    errors = 0
    lock, until = threading.Lock(), time.monotonic() + seconds
    numbers = itertools.cycle([0] if is_same or name == "check" else range(15_000))

    def ask() -> None:
        nonlocal errors
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        own, seen, wrong = [], [], 0
        while time.monotonic() < until:
            path = PATHS[name].format(day=SAME_DAY - timedelta(days=next(numbers)))
            began = time.perf_counter()
            connection.request("GET", path, headers=served.headers("ann"))
            answer = connection.getresponse()
            body = answer.read()
            own.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                wrong += 1
                continue
            content = json.loads(body)
            seen.append((content["publication"]["id"], str(content.get("total_cost") or content.get("rows"))))
        with lock:
            times.extend(own)
            errors += wrong
            for identity, total in seen:
                sums.setdefault(identity, set()).add(total)

    began = time.monotonic()
    askers = [threading.Thread(target=ask) for _ in range(clients)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    taken = time.monotonic() - began
    mixed = sum(len(each) - 1 for each in sums.values()) if name != "check" else 0
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    return Load(name, is_same, clients, len(times), errors, mixed, len(sums), statistics.median(times), cuts[18],
                len(times) / taken)  # fmt: skip
