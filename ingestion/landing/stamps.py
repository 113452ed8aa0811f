"""Remembers what a landing was made from, so that one made from the same is not made again.

The stamp lies in the warehouse beside the rows: a restored or rebuilt warehouse has the stamp of what it holds.

Put here: stamps. Keep out: what goes into one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb

_TABLE = "raw_landing._stamps"


def stamp_of(*parts: object) -> str:
    """One word for these parts, by their text."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "surrogateescape")).hexdigest()


def files_in(folder: Path, suffixes: Iterable[str] | None = None) -> list[tuple[str, int, int]]:
    """Name, size and time of every file below a folder, sorted; nothing where it is missing."""
    wanted = tuple(suffixes) if suffixes else None
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (wanted is None or path.name.endswith(wanted)):
            status = path.stat()
            found.append((path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns))
    return found


def is_stamped(db: duckdb.DuckDBPyConnection, name: str, stamp: str) -> bool:
    """Whether the last landing of this name was made from the same."""
    _ready(db)
    return bool(db.execute(f"select 1 from {_TABLE} where name = ? and stamp = ?", [name, stamp]).fetchall())


def set_stamp(db: duckdb.DuckDBPyConnection, name: str, stamp: str, now: datetime) -> None:
    """Remember it; after the rows are there."""
    _ready(db)
    db.execute("begin")
    db.execute(f"delete from {_TABLE} where name = ?", [name])
    db.execute(f"insert into {_TABLE} values (?, ?, ?)", [name, stamp, now])
    db.execute("commit")


def _ready(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("create schema if not exists raw_landing")
    db.execute(f"create table if not exists {_TABLE} (name varchar, stamp varchar, stamped_at_utc timestamp)")
