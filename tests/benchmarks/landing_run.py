"""One measured job in its own process: `landing_run.py land|insert HOME FILE`; prints seconds and peak memory.

Put here: the two jobs that are compared. Keep out: judging (see `test_landing.py`).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from ingestion.config import Settings
from ingestion.landing import connect, ensure_tables
from ingestion.sources.events.pipeline import land


def insert(settings: Settings, file: Path) -> None:
    """DuckDB's own INSERT ... SELECT into the same table, with nothing checked and nothing recorded."""
    with connect(settings.warehouse_path) as db:
        db.execute("insert into raw_events.requests by name select * from read_parquet(?)", [str(file)])


def main(job: str, home: Path, file: Path) -> None:
    """Run a job and print what it took."""
    settings = Settings.from_env({}, home)
    ensure_tables(settings.warehouse_path)
    started, cpu = time.perf_counter(), time.process_time()
    if job == "insert":
        insert(settings, file)
    else:
        report = land(settings, now=datetime.now(UTC))
        assert report.quarantined_rows == 0, report
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    with connect(settings.warehouse_path) as db:
        found = db.execute("select count(*), sum(output_tokens) from raw_events.requests").fetchone()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": peak, "rows": found[0], "sum": int(found[1])}
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
