"""The demo: the sample company in a home of its own; its files are dropped, its providers answer on loopback.

What has an API is pulled from the simulator: OpenAI, Anthropic, Groq, Azure and AWS. Files are what has none, or
what companies have besides: events, the organisation, GPU logs, Azure's export and AWS's report.
Put here: preparing that home and standing up the providers. Keep out: the company, the simulator (`ingestion`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from ingestion.config import Settings

MARKER = "demo.json"
LAYOUT = 2
"""Raised when the files of a demo change: an older demo is then made anew."""
BILLED_BY_API = ("focus",)
"""Sub-folders of the billing folder whose charges the cost reports of OpenAI and Anthropic say as well."""
QUICK = {
    "COSTOPS_API_REQUESTS_PER_MINUTE": "1000000",
    "COSTOPS_API_RETRY_BASE_SECONDS": "0.01",
    "COSTOPS_AWS_MAX_REQUESTS": "1000",
}
"""Nobody has to be spared on loopback, and nothing costs."""


class DemoHomeError(RuntimeError):
    """The folder given for the demo holds something else."""


@dataclass(frozen=True)
class Demo:
    """A demo's settings, with the simulator's addresses and keys that open nothing else, and its clock."""

    settings: Settings
    clock: datetime


def prepare_demo(home: Path, console: Console, *, seed: int, days: int, scale: float, last_date: date) -> Path:
    """Generate the sample company below `home` unless the same one lies there, and return the drop folder.

    Other parameters than last time make the home anew. Drop folders named in the environment are left
    alone: a demo never reads real files, and never writes among them.

    Raises:
        DemoHomeError: `home` exists, is not empty and was not made by a demo.
    """
    home = home.expanduser().resolve()
    drop = home / "drop"
    wanted = {"layout": LAYOUT, "seed": seed, "days": days, "scale": scale, "last_date": last_date.isoformat()}
    marker = home / MARKER
    if home.exists() and any(home.iterdir()) and not marker.exists():
        raise DemoHomeError(f"{home} is not a demo's home. Give an empty folder with --home.")
    if marker.exists() and json.loads(marker.read_text()) == {**wanted, "complete": True}:
        console.print(f"Sample company: already in {home}", highlight=False)
        return drop
    if marker.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps({**wanted, "complete": False}))

    from ingestion.demo.company import generate

    with console.status("generating the sample company") as status:
        generate(
            drop,
            seed=seed,
            last_date=last_date,
            days=days,
            scale=scale,
            progress=lambda text: status.update(f"generating the sample company: {text}"),
        )
    for folder in BILLED_BY_API:
        shutil.rmtree(drop / "billing" / folder)
    marker.write_text(json.dumps({**wanted, "complete": True}))
    console.print(f"Sample company: {days} days up to {last_date}, seed {seed}, in {drop}", highlight=False)
    return drop


@contextmanager
def running_demo(home: Path, console: Console, *, days: int, last_date: date) -> Iterator[Demo]:
    """The company's providers on loopback while the block runs.

    Credentials of the environment are not used: the settings hold the simulator's own.
    """
    from ingestion.demo.company import GroundTruth
    from ingestion.demo.providers import running_simulator

    home = home.expanduser().resolve()
    with console.status("starting the providers' simulator"):
        truth = GroundTruth.load(home / "drop")
    with running_simulator(truth) as urls:
        first = last_date - timedelta(days=days - 1)
        used = {name: value for name, value in urls.environment().items() if name not in urls.unused()}
        env = used | QUICK | {"COSTOPS_BACKFILL_FROM": first.isoformat()}
        env["COSTOPS_IDENTITIES"] = Settings.from_env(home=home).identities
        console.print(f"Providers: simulated on {urls.root}; no live provider is asked", highlight=False)
        yield Demo(Settings.from_env(env=env, home=home), urls.simulator.now)
