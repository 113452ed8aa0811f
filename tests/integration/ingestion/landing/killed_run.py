"""A landing run of a process that kills itself at a named point: `killed_run.py HOME POINT`.

Put here: the points. Keep out: assertions (see `test_kill.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from dlt.destinations.job_client_impl import SqlJobClientBase

from ingestion.landing import runner, settling
from ingestion.sources.events import bulk, pipeline
from tests.integration.ingestion.landing.toy import NOW, Drop
from tests.support.killing import die_after, die_before

POINTS = (
    "before the old rows go",
    "after the old rows went",
    "while files are read",
    "between two tables of a load",
    "before the load is recorded",
    "after the load is recorded",
    "in the middle of settling",
    "after settling one load",
)


ARM: dict[str, Callable[[], None]] = {
    "before the old rows go": lambda: die_before(runner, "forget"),
    "after the old rows went": lambda: die_after(runner, "forget"),
    "while files are read": lambda: die_after(runner, "read_file", 2),
    "between two tables of a load": lambda: die_after(DuckDbCopyJob, "run"),
    "before the load is recorded": lambda: die_before(SqlJobClientBase, "complete_load"),
    "after the load is recorded": lambda: die_after(runner, "_append"),
    "in the middle of settling": lambda: die_after(settling, "make_unique"),
    "after settling one load": lambda: die_after(runner, "settle"),
    "nowhere": lambda: None,
}

if __name__ == "__main__":
    bulk.BULK_BYTES = 1
    ARM[sys.argv[2]]()
    drop = Drop(Path(sys.argv[1]))
    runner.land_drop_folder(pipeline.source(drop.settings), drop.settings, now=NOW)
