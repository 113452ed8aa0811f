"""Opens DuckDB the same way everywhere.

Put here: connections, what a reader may reach, rows as they are. Keep out: frames (`frames`), SQL that carries meaning
(`dbt_project`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ingestion.landing.database import settle

SMALL_BYTES = 256 << 20
"""A warehouse without usage takes 80 MB; DuckDB spends more on sharing out the work on so little than on the work."""


def threads_for(path: Path) -> str:
    """How many threads build the warehouse at `path`, as text: one while it is small, empty for all cores."""
    return "1" if not path.exists() or path.stat().st_size < SMALL_BYTES else ""


def on_threads_for(path: Path, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection whose database shares its work out as what is made of the warehouse at `path` is worth it."""
    if threads := threads_for(path):
        connection.execute(f"set threads = {threads}")
    return connection


def connect(path: Path | str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection in UTC that never reaches for the network.

    Without a configuration, with which it could not be opened beside one of landing (`ingestion.landing.database`).
    """
    connection = duckdb.connect(str(path), read_only=read_only)
    settle(connection)
    return connection


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is closed at the end, so that dbt or another process can open the file next."""
    connection = connect(path)
    try:
        yield connection
    finally:
        connection.close()


_kept: dict[Path, duckdb.DuckDBPyConnection] = {}
"""What `kept_open` holds, by path."""


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """Connections of this process to `path` share one opened file meanwhile: opening it costs more the larger it is.

    Whatever opens it with a configuration of its own, as dbt does, read-only or attached to another database is put
    into `let_go`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _kept[path] = duckdb.connect(str(path))
    try:
        yield
    finally:
        _kept.pop(path).close()


@contextmanager
def let_go(path: Path) -> Iterator[None]:
    """The file is closed meanwhile and everything of it on disk, where `kept_open` holds it; else nothing happens."""
    held = _kept.get(path)
    if held:
        held.close()
    try:
        yield
    finally:
        if held and _kept.get(path) is held:
            _kept[path] = on_threads_for(path, duckdb.connect(str(path)))


def rows_of(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a query by column, as they are."""
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def confine(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave a connection with what it has open: no files, network, extensions or other databases, for good.

    Statements from outside run after this. DuckDB refuses to take any of it back while the database is open.
    """
    for setting in ("python_enable_replacements", "enable_external_access"):
        connection.execute(f"set {setting} = false")
    connection.execute("set lock_configuration = true")
