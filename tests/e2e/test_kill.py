"""A run killed at any moment and run again gives the marts of an undisturbed run, row for row.

First runs: COSTOPS_TEST_KILLS of them. Runs after a change: COSTOPS_TEST_KILLED_RUNS of them. None by default, as each
takes more runs besides; by default the first run of the shared demo is killed once, and its figures are held against
what the sample company knows of itself.
"""

from __future__ import annotations

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

from tests.e2e.conftest import SMALL, alone_with, clean_environment, costops, drop_calls
from tests.support.marts import SAID_BY_RUNS, differences, published_marts

KILLED_RUNS = int(os.environ.get("COSTOPS_TEST_KILLED_RUNS", "0"))
KILLS = int(os.environ.get("COSTOPS_TEST_KILLS", "0"))
SEED = int(os.environ.get("COSTOPS_TEST_KILL_SEED", "20261101"))


@pytest.mark.slow
@pytest.mark.skipif(not KILLS, reason="COSTOPS_TEST_KILLS says how many")
def test_killed_runs_leave_the_marts_of_an_undisturbed_run(tmp_path: Path) -> None:
    undisturbed, home = tmp_path / "undisturbed", tmp_path / "home"
    started = time.monotonic()
    _demo(undisturbed)
    seconds = time.monotonic() - started
    _copy_company(undisturbed, home)
    choose = random.Random(SEED)
    for _ in range(KILLS):
        _kill_after(choose.uniform(0.05, 0.95) * seconds, "demo", *SMALL, home=home)
    _demo(home)
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
    """A bill goes and events come in two copies of a home; in one of them runs are killed before one ends."""
    homes = [folder / "undisturbed", folder / "killed"]
    for home in homes:
        shutil.copytree(settled, home, symlinks=True)
        bills = sorted(path for path in (home / "drop/billing").rglob("*") if path.is_file())
        bills[-1].unlink()
        _events_come(home, 0)
    started = time.monotonic()
    run(homes[0])
    kill_runs(homes, kills, time.monotonic() - started)
    for home in homes:
        run(home)
    assert differences(*map(published_marts, homes), SAID_BY_RUNS) == {}


def kill_runs(homes: list[Path], kills: int, seconds: float) -> None:
    """Kill so many runs of the last home within `seconds`; where one ends before, more events come in all homes."""
    choose, killed, ended = random.Random(SEED), 0, 0
    while killed < kills:
        moment = choose.uniform(0.05, 0.95) * seconds
        if _kill_after(moment, "run", home=homes[-1]):
            killed += 1
            print(f"killed after {moment:.1f} of {seconds:.0f} s")
            continue
        ended += 1
        for home in homes:
            _events_come(home, ended)


def run(home: Path) -> None:
    """One run to its end."""
    ended = costops("run", home=home)
    assert ended.returncode in (0, 3), ended.stdout[-3000:] + ended.stderr[-3000:]


def _events_come(home: Path, number: int) -> None:
    """A file of today's events."""
    drop_calls(home, f"new_{number}", f"{datetime.now(UTC):%Y-%m-%d}")


def _demo(home: Path) -> None:
    result = costops("demo", *SMALL, home=home)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]


def _copy_company(source: Path, target: Path) -> None:
    """The files of the company without anything that a run made of them; nothing was pulled yet.

    The key of the home comes along: by it people have the same pseudonyms in both.
    """
    shutil.copytree(source / "drop", target / "drop")
    shutil.copytree(source / "access", target / "access")
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
