"""kill -9 of a pipeline with a source alone, at random moments, and run again: the rows of landing, none twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.sources.events import pipeline as events
from tests.integration.ingestion.standalone.company import NOW
from tests.integration.ingestion.standalone.compared import Destination, compared
from tests.integration.ingestion.standalone.test_changes_alone import ALL, KINDS, destinations, event, settings, write

__all__ = ["destinations", "settings"]
pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("COSTOPS_TEST_SOURCES_ALONE_KILLS", "8"))
FILES = 12
ROOT = Path(__file__).parents[4]


def start(destination: Destination, work: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.integration.ingestion.standalone.killed_alone"]
    arguments = [destination.kind, destination.place, str(work), str(folder)]
    return subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def run_for(destination: Destination, work: Path, folder: Path, seconds: float | None) -> tuple[float, int]:
    """A run that is killed after so many seconds of its work (None: never); how long it took and how it ended."""
    process = start(destination, work, folder)
    assert process.stdout
    process.stdout.readline()
    began = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    return time.monotonic() - began, process.wait()


def many(settings: Settings, version: int, files: int) -> None:
    for number in range(files):
        first = number * 1000
        write(settings, f"{number:02}.jsonl", *[event(n, version + 1) for n in range(first, first + 300 - version)])


@pytest.mark.skipif(not ALL, reason="set COSTOPS_TEST_SOURCES_ALONE")
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_leaves_nothing_twice(
    settings: Settings, destinations: list[Destination], tmp_path: Path, kind: str
) -> None:
    destination = next(each for each in destinations if each.kind == kind)
    folder, chance = settings.events_dir, random.Random(17)
    many(settings, 0, FILES)
    whole, code = run_for(destination, tmp_path / "work", folder, None)
    assert code == 0
    killed = 0
    for version in range(1, KILLS + 1):
        many(settings, version, FILES)
        _, code = run_for(destination, tmp_path / "work", folder, chance.uniform(0.2, 0.95) * whole)
        killed += code == -9
        if version % 2:
            continue  # a run that is killed may meet the leavings of another
        took, code = run_for(destination, tmp_path / "work", folder, None)
        assert code == 0
        whole = min(whole, took)  # a machine that was busy at first would have kills come too late
        events.land(settings, now=NOW)
        rows = compared(destination, "events", settings.home, is_provider=False)
        assert rows["requests"] == (300 - version) * FILES
    assert killed, "every run ended before it was killed"
