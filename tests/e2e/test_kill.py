"""A run killed at any moment and run again gives the marts of an undisturbed run, row for row.

First runs: COSTOPS_TEST_KILLS of them. Runs after a change: COSTOPS_TEST_KILLED_RUNS of them, none by default (two more
runs, and what the killed ones take).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL, alone_with, clean_environment, costops, demo_seconds
from tests.support.marts import RUN_TIME_SUFFIXES, differences, published_marts

KILLED_RUNS = int(os.environ.get("COSTOPS_TEST_KILLED_RUNS", "0"))
KILLS = int(os.environ.get("COSTOPS_TEST_KILLS", "1"))
SEED = int(os.environ.get("COSTOPS_TEST_KILL_SEED", "20261101"))
SAID_BY_RUNS = (*RUN_TIME_SUFFIXES, "_at_utc")


@pytest.mark.slow
def test_killed_runs_leave_the_marts_of_an_undisturbed_run(demo: tuple[Path, str], tmp_path: Path) -> None:
    undisturbed, _ = demo
    home = tmp_path / "home"
    _copy_company(undisturbed, home)
    choose = random.Random(SEED)
    for _ in range(KILLS):
        _kill_after(choose.uniform(0.05, 0.95) * demo_seconds(undisturbed), "demo", *SMALL, home=home)
    result = costops("demo", *SMALL, home=home)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert differences(published_marts(undisturbed), published_marts(home)) == {}


@pytest.mark.slow
@pytest.mark.skipif(not KILLED_RUNS, reason="COSTOPS_TEST_KILLED_RUNS says how many")
def test_killed_runs_after_a_change_leave_the_marts_of_an_undisturbed_one(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    settled = tmp_path / "settled"
    with alone_with(demo[0]):
        shutil.copytree(demo[0], settled, symlinks=True)
    kill_after_changes(settled, tmp_path, KILLED_RUNS)


def kill_after_changes(settled: Path, folder: Path, kills: int) -> None:
    """Events come and a bill goes in two copies of a home; in one of them runs are killed before one ends."""
    homes = [folder / "undisturbed", folder / "killed"]
    for home in homes:
        shutil.copytree(settled, home, symlinks=True)
        _change(home)
    started = time.monotonic()
    ended = costops("run", home=homes[0])
    assert ended.returncode in (0, 3), ended.stdout[-3000:] + ended.stderr[-3000:]
    seconds = time.monotonic() - started
    choose = random.Random(SEED)
    moments = [round(choose.uniform(0.05, 0.95) * seconds, 1) for _ in range(kills)]
    was_killed = [_kill_after(moment, "run", home=homes[1]) for moment in moments]
    ended = costops("run", home=homes[1])
    assert ended.returncode in (0, 3), ended.stdout[-3000:] + ended.stderr[-3000:]
    print(f"\nof {seconds:.0f} s, killed at {[at for at, was in zip(moments, was_killed, strict=True) if was]}")
    assert differences(*map(published_marts, homes), SAID_BY_RUNS) == {}


def _change(home: Path) -> None:
    """A file of today's events, and one bill less."""
    calls = [
        {"event_id": f"new-{number}", "requested_at_utc": f"{datetime.now(UTC):%Y-%m-%d}T00:0{number}:00Z",
         "provider_name": "openai", "requested_model": "gpt-4o-mini", "uncached_input_tokens": 1000, "output_tokens": 9}
        for number in range(5)
    ]  # fmt: skip
    (home / "drop/events/canonical/kill.jsonl").write_text("\n".join(map(json.dumps, calls)) + "\n")
    bills = sorted(path for path in (home / "drop/billing").rglob("*") if path.is_file())
    bills[-1].unlink()


def _copy_company(source: Path, target: Path) -> None:
    """The files of the company without anything that a run made of them; nothing was pulled yet."""
    shutil.copytree(source / "drop", target / "drop")
    shutil.copy(source / "demo.json", target)


def _kill_after(seconds: float, *arguments: str, home: Path) -> bool:
    """Start a run and kill its process; a dbt that it had started lives on, as after a real `kill -9`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *arguments, "--home", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False
