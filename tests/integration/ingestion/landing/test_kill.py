"""kill -9 at any moment, run again: the raw tables are those of an undisturbed run, row for row."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing import connect
from ingestion.sources.events import bulk
from ingestion.sources.events.pipeline import land
from tests.integration.ingestion.landing.killed_run import POINTS
from tests.integration.ingestion.landing.toy import NOW, Drop

State = dict[str, list[tuple[Any, ...]]]
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[4]
QUERIES = {
    "requests": "select * exclude (_dlt_load_id, _loaded_at_utc) from raw_events.requests order by event_id",
    "files": "select * exclude (_dlt_load_id, landed_at_utc) from raw_events.files order by path",
    "quarantine": "select * exclude (_dlt_load_id, quarantined_at_utc) from raw_events.quarantine order by all",
}


def _event(number: int, output: int = 1) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "requested_at_utc": "2026-05-01T00:00:00Z",
        "model": "m",
        "output_tokens": output,
    }


def _first_files(drop: Drop) -> None:
    drop.write("canonical/a.jsonl", *[_event(n) for n in range(200)])
    drop.write("canonical/b.jsonl", *[_event(n) for n in range(150, 300)], "broken")


def _second_files(drop: Drop) -> None:
    """A changed file, a new one, repeated ids, and two that are imported as they are."""
    drop.write("canonical/a.jsonl", *[_event(n, 2) for n in range(200)])
    drop.write("canonical/c.jsonl", *[_event(n) for n in range(290, 400)], json.dumps(_event(1, -1)))
    for name, start in (("d", 1000), ("e", 1400)):
        duckdb.sql(
            f"""copy (select 'e' || i as event_id, timestamp '2026-05-02' as requested_at_utc, 'm' as served_model,
                i as output_tokens from range({start}, {start + 500}) t(i))
            to '{drop.folder}/canonical/{name}.parquet' (format parquet)"""
        )


def _finish(home: Path, monkeypatch: pytest.MonkeyPatch) -> Drop:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    drop = Drop(home)
    land(drop.settings, now=NOW)
    return drop


def _state(drop: Drop) -> State:
    with connect(drop.settings.warehouse_path) as db:
        return {table: db.execute(sql).fetchall() for table, sql in QUERIES.items()}


def _run(home: Path, point: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    module = "tests.integration.ingestion.landing.killed_run"
    return subprocess.Popen([sys.executable, "-m", module, str(home), point], cwd=ROOT, env=env)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    """A home after the first files with the second ones in its drop folder, and the state due at the end."""
    base = tmp_path_factory.mktemp("homes")
    drop = Drop(base / "start")
    _first_files(drop)
    land(drop.settings, now=NOW)
    _second_files(drop)
    shutil.copytree(base / "start", base / "undisturbed")
    assert _run(base / "undisturbed", "nowhere").wait() == 0
    expected = _state(Drop(base / "undisturbed"))
    assert len(expected["requests"]) == 400 + 900
    assert {row[5] for row in expected["quarantine"]} == {"unreadable_row", "out_of_range", "duplicate_id"}
    return base / "start", expected


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(
    homes: tuple[Path, State], tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, expected = homes
    shutil.copytree(start, tmp_path / "home")
    assert _run(tmp_path / "home", point).wait() == -9, "the run was not killed"
    assert _state(_finish(tmp_path / "home", monkeypatch)) == expected


def test_killed_at_random_moments(homes: tuple[Path, State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start, expected = homes
    shutil.copytree(start, tmp_path / "home")
    moments = random.Random(7)
    for _ in range(2):
        process = _run(tmp_path / "home", "nowhere")
        time.sleep(moments.uniform(1.2, 4))
        process.kill()
        process.wait()
    assert _state(_finish(tmp_path / "home", monkeypatch)) == expected
