"""After any change, a run that builds what is due gives what a run that builds everything would.

COSTOPS_TEST_DUE_HOMES=3 COSTOPS_TEST_DUE_STEPS=30 (about 100 CPU seconds a step). By default none: the decision is
compared with building everything in `tests/integration/orchestration/running/test_due.py`, and what incremental models
make of it in `tests/integration/dbt/test_incremental_build.py`.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from ingestion.config import Settings
from orchestration.running.main_job import RunResult, Wish, run_main_job
from tests.support.changing_home import ChangingHome
from tests.support.marts import differences, published_marts

STEPS = int(os.environ.get("COSTOPS_TEST_DUE_STEPS", "1"))
HOMES = int(os.environ.get("COSTOPS_TEST_DUE_HOMES", "0"))
CHECKED_EVERY = int(os.environ.get("COSTOPS_TEST_DUE_CHECKED_EVERY", "1"))
SEED = int(os.environ.get("COSTOPS_TEST_DUE_SEED", "20261128"))

SAID_BY_RUNS = ("_at_utc",)


def run(home: Path, now: datetime, environment: dict[str, str], wish: Wish | None = None) -> tuple[RunResult, str]:
    """One run of the main job in this process, by a clock of its own."""
    settings = Settings.from_env(environment, home)
    said = io.StringIO()
    result = run_main_job(settings, Console(file=said, width=200), wish, clock=now)
    assert result.succeeded, (result.errors, said.getvalue()[-3000:])
    return result, said.getvalue()


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a run says to its children through the environment, and Dagster's signal handlers, end with the test."""
    before, handlers = dict(os.environ), {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    os.environ.clear()
    os.environ.update(before)
    for each, handler in handlers.items():
        signal.signal(each, handler)


def nothing_is_due(company: ChangingHome) -> None:
    """A second run asks the sources, and builds and publishes nothing."""
    published = published_marts(company.home).stat().st_mtime_ns
    again, _ = run(company.home, company.now, company.environment)
    assert again.done.startswith("nothing new since")
    assert not [name for name in again.tally.materialized if not name.startswith("raw_")]
    assert published_marts(company.home).stat().st_mtime_ns == published


@pytest.mark.slow
@pytest.mark.skipif(not HOMES, reason="COSTOPS_TEST_DUE_HOMES says how many companies")
@pytest.mark.parametrize("number", range(HOMES))
def test_what_is_due_gives_what_everything_gives(tmp_path: Path, number: int) -> None:
    company = ChangingHome(tmp_path / "home", SEED + number)
    first, _ = run(company.home, company.now, company.environment)
    assert first.done == "first run"
    nothing_is_due(company)
    story = []
    for step in range(1, STEPS + 1):
        story.append(company.change())
        result, _ = run(company.home, company.now, company.environment)
        story[-1] += f" -> {result.done}"
        if step % CHECKED_EVERY and step < STEPS:
            continue
        whole = tmp_path / "whole"
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(company.home, whole, symlinks=True)
        everything, _ = run(whole, company.now, company.environment, Wish(full=True))
        assert set(result.tally.checks_warned) == set(everything.tally.checks_warned), story
        found = differences(published_marts(company.home), published_marts(whole), SAID_BY_RUNS)
        assert found == {}, f"seed {SEED + number}: {story}"
