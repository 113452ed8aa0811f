"""The warehouse as landing sees it: one connection at a time, UTC, nothing fetched from a network.

Put here: opening the DuckDB file and creating the raw tables. Keep out: their shape (`shapes`), what the rows mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""A missing extension fails at once instead of waiting for a network."""


def one_file(path: Path) -> str:
    """A path that DuckDB takes for one file, whatever its name holds."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


@contextmanager
def connect(warehouse_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection in UTC, closed at the end so that the next process can have the file."""
    warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(warehouse_path))  # with a configuration, dlt could not open the file meanwhile
    try:
        for name, value in OFFLINE.items():
            connection.execute(f"set {name} = {str(value).lower()}")
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


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
