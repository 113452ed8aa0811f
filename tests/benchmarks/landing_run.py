"""Measured jobs on one file of events: landing it, and DuckDB's own statement.

Put here: the two jobs that are compared. Keep out: judging (see `test_landing.py`).
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt

from ingestion.config import Settings
from ingestion.landing import connect, ensure_tables
from ingestion.sources.events.pipeline import land
from ingestion.sources.events.source import events_source


def _insert(settings: Settings, file: Path) -> None:
    """DuckDB's own INSERT ... SELECT into the same table, with nothing checked and nothing recorded."""
    with connect(settings.warehouse_path) as db:
        db.execute("insert into raw_events.requests by name select * from read_parquet(?)", [str(file)])


def landed(home: str) -> dict[str, Any]:
    """Land what lies in the drop folder."""
    return _timed(Path(home), _land)


def alone(home: str, write: str) -> dict[str, Any]:
    """The same drop folder by the source alone, into a DuckDB file of a pipeline's own."""
    settings = Settings.from_env({}, Path(home))
    line = dlt.pipeline(
        "alone", pipelines_dir=f"{home}/dlt", destination=dlt.destinations.duckdb(f"{home}/alone.duckdb"),
        dataset_name="raw_events",
    )  # fmt: skip

    def job(_: Settings) -> None:
        line.run(events_source(str(settings.events_dir), write=write)).raise_on_failed_jobs()

    return _timed(Path(home), job, Path(home) / "alone.duckdb")


def inserted(home: str, file: str) -> dict[str, Any]:
    """Insert the same file by one statement."""
    return _timed(Path(home), lambda settings: _insert(settings, Path(file)))


def _land(settings: Settings) -> None:
    report = land(settings, now=datetime.now(UTC))
    assert report.quarantined_rows == 0, report


def _timed(home: Path, job: Callable[[Settings], None], database: Path | None = None) -> dict[str, Any]:
    settings = Settings.from_env({}, home)
    ensure_tables(settings.warehouse_path)
    started, cpu = time.perf_counter(), time.process_time()
    job(settings)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    with connect(database or settings.warehouse_path) as db:
        found = db.execute(
            "select count(*) filter (where output_tokens is not null), sum(output_tokens) from raw_events.requests"
        ).fetchone()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": peak, "rows": found[0], "sum": int(found[1])}
