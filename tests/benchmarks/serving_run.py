"""Asks a server of its own process, by many clients at once, while publications are swapped in.

Put here: the load and its figures. Keep out: limits.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psutil

from tests.benchmarks.asking_run import Found, Plan
from tests.support.served_home import Served

PATHS = {
    "metrics": "/api/v1/cost/metrics?period_start={day}&period_end=2027-01-01",
    "aggregate": "/api/v1/cost/aggregate?start_date={day}&end_date=2027-01-01&group_by=month,model&order_by=-sum",
    "records": "/api/v1/cost/records?start_date={day}&end_date=2027-01-01&limit=100",
    "check": "/api/v1/cost/budgets/check?scope=team:alpha&scope=team:team_data&amount=1",
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
    p99: float
    per_second: float
    cpu: float
    """Of the server for each answer, publications that it opened included."""
    pause: float = 0.0

    def __str__(self) -> str:
        """A line of a table."""
        return (
            f"{self.name:<10} {'one question' if self.is_same else 'all different':<13} {self.clients:>3} clients "
            f"{self.requests:>6} requests  p50 {self.p50:>7.1f} ms  "
            f"p95 {self.p95:>7.1f} ms  p99 {self.p99:>7.1f} ms  {self.per_second:>7.1f}/s  CPU {self.cpu:>6.2f} ms  "
            f"{self.errors} errors  {self.mixed} mixed  {f'pauses of {self.pause} s  ' if self.pause else ''}"
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
            connection.execute(f"update marts.dim_budgets set amount_usd = {number}")
            connection.execute(f"update marts.fct_budget_status_daily set spend_to_date_usd = {number}")
        os.replace(fresh, database)


def load(
    served: Served, running: Running, name: str, clients: int, seconds: float, *, is_same: bool, pause: float = 0.0
) -> Load:
    """Ask for so long: one question over and over, or each time another one that has the same answer."""
    days = [SAME_DAY - timedelta(days=number) for number in (range(1) if is_same else range(15_000))]
    key = served.headers("ann")["Authorization"].split()[1]
    plan = Plan(running.port, key, [PATHS[name].format(day=day) for day in days], clients, seconds, pause)
    server = psutil.Process(running.process.pid)
    before = server.cpu_times()
    asked = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.asking_run"],
        input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    after, found = server.cpu_times(), Found(**json.loads(asked.stdout))
    cpu = (after.user + after.system - before.user - before.system) * 1000 / max(len(found.times), 1)
    versions: dict[str, set[str]] = {}
    for body in found.bodies.values():
        content = json.loads(body)
        versions.setdefault(content["publication"]["id"], set()).add(_figures(content))
    cuts = statistics.quantiles(found.times, n=100) if len(found.times) > 1 else found.times * 99
    return Load(
        name, is_same, clients, len(found.times), found.errors, sum(len(each) - 1 for each in versions.values()),
        len(versions), cuts[49], cuts[94], cuts[98], len(found.times) / found.seconds, cpu, pause,
    )  # fmt: skip


def _figures(content: dict[str, Any]) -> str:
    """What of an answer is its publication's."""
    if "budgets" in content:
        return str([(each["name"], each["limit"], each["spent_as_published"]) for each in content["budgets"]])
    return str(content.get("total_cost") or content["rows"])
