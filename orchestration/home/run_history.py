"""Finds databases of Dagster's run history that cannot be read, and sets them aside: the history is not worth a stop.

Put here: that check. Keep out: the warehouse and the published copy (`last_good`, `orchestration.running.repairing`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from ingestion.config import Settings

_BROKEN = ("malformed", "not a database", "disk image", "encrypted")
ASIDE = ".broken"


def broken_history(settings: Settings) -> dict[Path, str]:
    """Databases of the run history that SQLite calls broken, with its words."""
    found = {}
    for path in sorted(settings.dagster_dir.rglob("*.db")):
        problem = _problem_of(path)
        if problem:
            found[path] = problem
    return found


def set_broken_history_aside(
    settings: Settings, tell: Callable[[str], None], found: Mapping[Path, str] | None = None
) -> None:
    """Move what is broken away, with its log, so that Dagster makes it anew; says what is lost.

    The home must be held. `found` is what `broken_history` said where that was asked already.
    """
    for path, problem in (broken_history(settings) if found is None else found).items():
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            if each.exists():
                os.replace(each, each.with_name(each.name + ASIDE))
        where = path.relative_to(settings.home)
        tell(
            f"{where} was broken ({problem}) and now lies beside it as {path.name}{ASIDE}: {_lost(path)}. "
            "No figure depends on it"
        )


def _lost(path: Path) -> str:
    if path.name == "runs.db":
        return "the list of earlier runs is lost"
    if path.name == "schedules.db":
        return "schedules and sensors that were switched on must be switched on again"
    return "what Dagster shows of earlier runs is lost in part"


def _problem_of(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=1)) as db:
            tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                db.execute(f'select 1 from "{table}" limit 1').fetchall()
            row = db.execute("pragma quick_check(1)").fetchone()
            return None if row and row[0] == "ok" else str(row[0] if row else "no answer").splitlines()[0]
    except sqlite3.DatabaseError as error:
        words = str(error)
        return words if any(each in words for each in _BROKEN) else None
