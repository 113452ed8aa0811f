"""The warehouse as landing sees it: one connection at a time, UTC, nothing fetched from a network.

Put here: opening the DuckDB file and creating the raw tables. Keep out: their shape (`shapes`), what the rows mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_OPENED_WITH = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_progress_bar": "false",
}
"""Settings of every database that is opened. A missing extension fails at once instead of waiting for a network; DuckDB
draws bars where it takes a process for an interactive one, as one is that the daemon launches."""


def bound_memory(limit: str | None) -> None:
    """From now on, hold no database of this process to more than `limit` (`4GB`); None for DuckDB's own bound."""
    _OPENED_WITH.pop("memory_limit", None)
    if limit:
        _OPENED_WITH["memory_limit"] = limit


def one_file(path: Path) -> str:
    """A path that DuckDB takes for one file, whatever its name holds."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


@contextmanager
def connect(warehouse_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection in UTC, closed at the end so that the next process can have the file."""
    warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(warehouse_path))  # with a configuration, dlt could not open the file meanwhile
    try:
        settle(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own that no file holds."""
    with duckdb.connect(":memory:") as connection:
        settle(connection)
        yield connection


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """What every database is opened with, and UTC: set afterwards, as one opened with a configuration is no other's."""
    for name, value in _OPENED_WITH.items():
        connection.execute(f"set {name} = '{value}'")
    connection.execute("set TimeZone = 'UTC'")


@contextmanager
def transaction(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    db.execute("begin transaction")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def ensure_tables(warehouse_path: Path) -> None:
    """Create every raw schema, table and column that is missing; existing rows stay, and what was changed by hand is
    noted for its landing.

    The dlt load id column is nullable on purpose: rows of a bulk file import have none.
    """
    from ingestion.landing.shapes import ensure_shapes  # which needs transactions

    with connect(warehouse_path) as db, transaction(db):
        ensure_shapes(db)
