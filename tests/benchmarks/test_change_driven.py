"""What a run costs after nothing, one file of events and one team owner changed, against building everything.

CPU seconds of the whole process tree, as ratios of runs that follow one another. COSTOPS_BENCHMARK_DAYS lowers the 400
days of the sample company; below a quarter of them nothing is judged but that it runs.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

DAYS = int(os.environ.get("COSTOPS_BENCHMARK_DAYS", "400"))
JUDGED_FROM_DAYS = 100
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
    if DAYS < JUDGED_FROM_DAYS:
        return
    assert nothing <= NOTHING_SECONDS, words
    assert nothing <= NOTHING_LIMIT * whole, words
    assert events <= EVENTS_LIMIT * whole, words
    assert owner <= OWNER_LIMIT * whole, words
