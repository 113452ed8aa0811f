"""The demo: the sample company's files in a home of its own.

Put here: preparing that home. Keep out: the company itself (`ingestion.sample_company`).
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

from rich.console import Console

from ingestion.config import Settings

MARKER = "demo.json"


class DemoHomeError(RuntimeError):
    """The folder given for the demo holds something else."""


def prepare_demo(home: Path, console: Console, *, seed: int, days: int, scale: float, last_date: date) -> Settings:
    """Generate the sample company below `home` unless the same one lies there, and return its settings.

    Other parameters than last time make the home anew. Drop folders named in the environment are left
    alone: a demo never reads real files, and never writes among them.

    Raises:
        DemoHomeError: `home` exists, is not empty and was not made by a demo.
    """
    home = home.expanduser().resolve()
    settings = Settings.from_env(env={}, home=home)
    wanted = {"seed": seed, "days": days, "scale": scale, "last_date": last_date.isoformat()}
    marker = home / MARKER
    if home.exists() and any(home.iterdir()) and not marker.exists():
        raise DemoHomeError(f"{home} is not a demo's home. Give an empty folder with --home.")
    if marker.exists() and json.loads(marker.read_text()) == {**wanted, "complete": True}:
        console.print(f"Sample company: already in {home}", highlight=False)
        return settings
    if marker.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps({**wanted, "complete": False}))

    from ingestion.sample_company import generate

    with console.status("generating the sample company") as status:
        generate(
            home / "drop",
            seed=seed,
            last_date=last_date,
            days=days,
            scale=scale,
            progress=lambda text: status.update(f"generating the sample company: {text}"),
        )
    marker.write_text(json.dumps({**wanted, "complete": True}))
    console.print(f"Sample company: {days} days up to {last_date}, seed {seed}, in {home / 'drop'}", highlight=False)
    return settings
