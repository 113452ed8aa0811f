"""Keeps the last good warehouse file and puts it back when a kill, a full disk or a bad disk has torn the one in use.

Put here: checking, keeping and restoring the file. Keep out: what cannot be rebuilt (`ingestion.landing.keeping`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.warehouse.connection import connect

BROKEN_KEPT = 2
"""So many broken files are kept aside; older ones are deleted."""
LARGEST_COPY_BYTES = 20 * 2**30
"""A warehouse beyond this is kept only where the file system clones files; else it is rebuilt from raw files."""
HEADER_BYTES = 3 * 4096
"""Before the first block of a DuckDB file."""
_FICLONE = 0x40049409
_TORN = (
    "corrupt",
    "computed checksum",
    "not a valid duckdb",
    "deserialize",
    "serialization error",
    "failed to load metadata",
    "trying to read a database file with version",
    "could not read enough bytes",
    "database has been invalidated",
    "wal file",
)
"""What DuckDB says of a file that no reopening mends."""

Tell = Callable[[str], None]


def last_good_path(settings: Settings) -> Path:
    """Where the last good warehouse file lies."""
    return settings.home / "last_good" / "warehouse.duckdb"


def is_torn(words: str) -> bool:
    """Whether an error says that the file itself is broken."""
    return any(each in words.lower() for each in _TORN)


def problem_of(path: Path, *, thorough: bool) -> str | None:
    """Why a DuckDB file cannot be trusted, None where it can; `thorough` reads it whole.

    Any other error than a torn file (held by another process, opened in another way, no rights, no memory) is none: a
    good file must never be put aside.
    """
    if not path.exists():
        return None
    if path.stat().st_size == 0:
        return "it is empty"
    has_log = path.with_name(path.name + ".wal").exists()  # replayed, it counts blocks that the file does not have yet
    try:
        connection = connect(path, read_only=not has_log)
    except duckdb.Error as error:
        return _first_line(error) if is_torn(str(error)) else None
    try:
        tables = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables() "
            "where database_name = current_database()"
        ).fetchall()
        # The header still counts free blocks that were cut from the end of the file: only used ones must be there.
        block_bytes, blocks = connection.execute(
            "select block_size, used_blocks from pragma_database_size() where database_name = current_database()"
        ).fetchall()[0]
        if not has_log and path.stat().st_size < HEADER_BYTES + block_bytes * blocks:
            return f"it is cut off: {path.stat().st_size:,} bytes of {HEADER_BYTES + block_bytes * blocks:,}"
        for database, schema, table in tables if thorough else []:
            connection.execute(f'select bit_xor(hash(t)) from "{database}"."{schema}"."{table}" t').fetchall()
    except duckdb.Error as error:
        return _first_line(error) if is_torn(str(error)) else None
    finally:
        connection.close()
    return None


def keep_last_good(settings: Settings) -> bool:
    """Copy the warehouse beside the home's other files once it is closed and whole; returns whether it was kept."""
    source, target = settings.warehouse_path, last_good_path(settings)
    if not source.exists() or source.with_name(source.name + ".wal").exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".next")
    try:
        if not _clone(source, fresh):
            size = source.stat().st_size
            if size > LARGEST_COPY_BYTES or shutil.disk_usage(target.parent).free < 2 * size:
                fresh.unlink(missing_ok=True)
                return False
            shutil.copyfile(source, fresh)
            _sync(fresh)
        if problem_of(fresh, thorough=False):
            fresh.unlink(missing_ok=True)
            return False
        os.replace(fresh, target)
    except OSError:
        fresh.unlink(missing_ok=True)
        return False
    return True


def heal(settings: Settings, tell: Tell, *, thorough: bool = False, known: str | None = None) -> bool:
    """Put a torn warehouse aside and the last good one in its place; nothing is done to a good one.

    The home must be held. Without a good copy the warehouse is gone and the next run lands everything again.
    `known` says what is wrong where that was seen already.
    """
    path, copy = settings.warehouse_path, last_good_path(settings)
    problem = known or problem_of(path, thorough=thorough)
    if problem is None:
        return False
    aside = set_aside(settings)
    if copy.exists() and problem_of(copy, thorough=True) is None:
        fresh = path.with_suffix(".next")
        if not _clone(copy, fresh):
            shutil.copyfile(copy, fresh)
        _sync(fresh)
        os.replace(fresh, path)
        then = "the last good copy took its place and the next run catches up"
    else:
        then = "no good copy is left, so the next run builds it again from the files"
    tell(f"the warehouse file was broken ({problem}): it now lies in {aside.relative_to(settings.home)}; {then}")
    return True


def set_aside(settings: Settings) -> Path:
    """Move the warehouse and its log to `broken/`, where only the newest few stay."""
    folder = settings.home / "broken"
    folder.mkdir(exist_ok=True)
    path = settings.warehouse_path
    aside = folder / f"warehouse-{utc_now():%Y%m%dT%H%M%S%f}.duckdb"
    os.replace(path, aside)
    log = path.with_name(path.name + ".wal")
    if log.exists():
        os.replace(log, aside.with_name(aside.name + ".wal"))
    for old in sorted(folder.glob("warehouse-*.duckdb"))[:-BROKEN_KEPT]:
        for each in (old, old.with_name(old.name + ".wal")):
            each.unlink(missing_ok=True)
    return aside


def _clone(source: Path, target: Path) -> bool:
    """Share the blocks of a file where the file system can; costs nothing whatever the size."""
    try:
        with source.open("rb") as read, target.open("wb") as write:
            fcntl.ioctl(write.fileno(), _FICLONE, read.fileno())
    except OSError:
        return False
    return True


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0][:200]
