"""A landing run of a process that kills itself at a named point: `killed_run.py HOME POINT`.

Put here: the points. Keep out: assertions (see `test_kill.py`).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from dlt.destinations.job_client_impl import SqlJobClientBase

from ingestion.landing import runner, settling
from ingestion.sources.events import bulk, pipeline
from tests.integration.ingestion.landing.toy import NOW, Drop

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


def die(*args: Any, **kwargs: Any) -> Any:
    """kill -9 of this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str) -> None:
    setattr(owner, name, die)


def _after(owner: Any, name: str, times: int = 1) -> None:
    original: Callable[..., Any] = getattr(owner, name)
    calls = []

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        calls.append(1)
        if len(calls) == times:
            die()
        return result

    setattr(owner, name, wrapped)


ARM: dict[str, Callable[[], None]] = {
    "before the old rows go": lambda: _before(runner, "forget"),
    "after the old rows went": lambda: _after(runner, "forget"),
    "while files are read": lambda: _after(runner, "read_file", 2),
    "between two tables of a load": lambda: _after(DuckDbCopyJob, "run"),
    "before the load is recorded": lambda: _before(SqlJobClientBase, "complete_load"),
    "after the load is recorded": lambda: _after(runner, "_append"),
    "in the middle of settling": lambda: _after(settling, "make_unique"),
    "after settling one load": lambda: _after(runner, "settle"),
    "nowhere": lambda: None,
}

if __name__ == "__main__":
    bulk.BULK_BYTES = 1
    ARM[sys.argv[2]]()
    drop = Drop(Path(sys.argv[1]))
    runner.land_drop_folder(pipeline.source(drop.settings), drop.settings, now=NOW)
