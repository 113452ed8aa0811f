"""What a run costs after nothing, one file of events and one team owner changed, against building everything.

CPU seconds of the whole process tree, as ratios of runs that follow one another, on the sample company of 400 days. At
tiny size both changes are landed in a copy of the small one, and what is due because of them is said and not done.
"""

from __future__ import annotations

import csv
import json
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.sources.events.pipeline import land as land_events
from ingestion.sources.org.pipeline import land as land_org
from tests.benchmarks.size import IS_FULL
from tests.e2e import conftest as e2e

DAYS = 400
NOTHING_LIMIT, NOTHING_SECONDS = 0.10, 10.0
EVENTS_LIMIT = 0.35
OWNER_LIMIT = 0.45


def costops(*arguments: str) -> float:
    """Run the command line; CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stdout[-3000:] + done.stderr[-3000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_file_of_events(home: Path) -> None:
    """Five calls of today."""
    calls = [
        {"event_id": f"new-{number}", "requested_at_utc": f"{datetime.now(UTC):%Y-%m-%d}T00:0{number}:00Z",
         "provider_name": "openai", "requested_model": "gpt-4o-mini", "uncached_input_tokens": 1000, "output_tokens": 9}
        for number in range(5)
    ]  # fmt: skip
    (home / "drop/events/canonical/new.jsonl").write_text("\n".join(map(json.dumps, calls)) + "\n")


def one_team_owner(home: Path) -> None:
    """Another owner of the first team."""
    path = home / "drop/org/teams.csv"
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["owner"] = "somebody-else"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company, its files and its history; a run without the simulated providers has settled it."""
    home = tmp_path_factory.mktemp("company") / "home"
    costops("demo", "--days", str(DAYS), "--home", str(home))
    costops("run", "--home", str(home))
    return home


@pytest.mark.skipif(not IS_FULL, reason="six whole runs; of its shape is the other test")
def test_a_run_costs_what_changed(home: Path) -> None:
    run = ("run", "--home", str(home))
    nothing, whole = costops(*run), costops(*run, "--full")
    one_file_of_events(home)
    events = costops(*run)
    one_team_owner(home)
    owner = costops(*run)
    words = (
        f"\n{DAYS} days, CPU seconds: everything {whole:.1f}; nothing {nothing:.1f} ({nothing / whole:.2f}, limit "
        f"{NOTHING_LIMIT}), a file of events {events:.1f} ({events / whole:.2f}, limit {EVENTS_LIMIT}), a team owner "
        f"{owner:.1f} ({owner / whole:.2f}, limit {OWNER_LIMIT})"
    )
    print(words)
    assert nothing <= NOTHING_SECONDS, words
    assert nothing <= NOTHING_LIMIT * whole, words
    assert events <= EVENTS_LIMIT * whole, words
    assert owner <= OWNER_LIMIT * whole, words


@pytest.mark.skipif(IS_FULL, reason="the other test does it all")
def test_both_changes_are_due(demo: tuple[Path, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    with e2e.alone_with(demo[0]):
        shutil.copytree(demo[0], home, symlinks=True)
    one_file_of_events(home)
    one_team_owner(home)
    settings = Settings.from_env({}, home)
    for land in (land_events, land_org):
        land(settings, now=datetime.now(UTC))
    due = e2e.costops("run", "--explain", home=home).stdout
    assert "raw_events.requests +5 rows" in due
    assert "raw_org.teams" in due
