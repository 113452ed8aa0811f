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


@contextmanager
def kept_open(path: Path) -> Iterator[None]:
    """Connections of this process to `path` share one opened file meanwhile: opening it costs more the larger it is.

    Not around anything that opens it with a configuration of its own, as dbt does, or read-only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(path))
    try:
        yield
    finally:
        connection.close()


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
