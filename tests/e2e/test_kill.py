"""A run killed at any moment and run again gives the marts of an undisturbed run, row for row."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL, clean_environment, costops, demo_seconds
from tests.support.marts import differences, published_marts

KILLS = int(os.environ.get("COSTOPS_TEST_KILLS", "1"))
SEED = int(os.environ.get("COSTOPS_TEST_KILL_SEED", "20261101"))


@pytest.mark.slow
def test_killed_runs_leave_the_marts_of_an_undisturbed_run(demo: tuple[Path, str], tmp_path: Path) -> None:
    undisturbed, _ = demo
    home = tmp_path / "home"
    _copy_company(undisturbed, home)
    choose = random.Random(SEED)
    for _ in range(KILLS):
        _kill_a_run_after(home, choose.uniform(0.05, 0.95) * demo_seconds(undisturbed))
    result = costops("demo", *SMALL, home=home)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert differences(published_marts(undisturbed), published_marts(home)) == {}


def _copy_company(source: Path, target: Path) -> None:
    """The files of the company without anything that a run made of them; nothing was pulled yet."""
    shutil.copytree(source / "drop", target / "drop")
    shutil.copy(source / "demo.json", target)


def _kill_a_run_after(home: Path, seconds: float) -> None:
    """Start a run and kill its process; a dbt that it had started lives on, as after a real `kill -9`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "demo", *SMALL, "--home", str(home)],
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
