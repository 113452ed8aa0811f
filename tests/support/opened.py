"""Keeps the DuckDB file that a test asked last open for its next question: opening one with all tables takes 60 ms.

Whoever else opens it finds it closed: before any other `duckdb.connect`, a new process, and whatever Python does with
the file itself, what is kept is closed.

Put here: that. Keep out: what is asked (`warehouse`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

_connect = duckdb.connect
_kept: dict[str, duckdb.DuckDBPyConnection] = {}
"""At most one."""
_PROCESSES = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn"})
_FILES = frozenset(
    {
        *("open", "os.remove", "os.rename", "os.truncate", "os.link", "os.symlink"),
        *("shutil.copyfile", "shutil.copytree", "shutil.move", "shutil.rmtree", "shutil.make_archive"),
    }
)


@contextmanager
def cursor_of(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file, in UTC, which stays open behind it."""
    key = str(path)
    if key not in _kept or not path.exists():
        close_kept()
        _kept[key] = _connect(key)
    cursor = _kept[key].cursor()
    try:
        cursor.execute("set TimeZone = 'UTC'")
        yield cursor
    finally:
        cursor.close()


def close_kept() -> None:
    """Close what is kept open, as a process that ends would."""
    while _kept:
        _kept.popitem()[1].close()


def _connect_alone(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
    close_kept()
    return _connect(*arguments, **options)


def _closes(event: str, arguments: tuple[Any, ...]) -> None:
    if not _kept or not (event in _PROCESSES or event in _FILES):
        return
    if event in _PROCESSES or any(_is_about(each) for each in arguments[:2]):
        close_kept()


def _is_about(argument: Any) -> bool:
    """Whether a path is the kept file, what DuckDB writes beside it, or a folder that holds it."""
    if not isinstance(argument, str | os.PathLike):
        return False
    named = os.path.abspath(os.fspath(argument))
    return any(named == key or named == f"{key}.wal" or key.startswith(f"{named}{os.sep}") for key in _kept)


setattr(duckdb, "connect", _connect_alone)  # noqa: B010
sys.addaudithook(_closes)
