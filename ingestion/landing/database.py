"""The warehouse as landing sees it: one connection at a time, UTC, nothing fetched from a network.

Put here: opening the DuckDB file and creating the raw tables. Keep out: what the rows mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS, create_table_statements

OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""A missing extension fails at once instead of waiting for a network."""

BOOKKEEPING = {
    "_settled_loads": "load_id varchar, settled_at_utc timestamp",
    "_superseded_scopes": "file_id bigint, scope varchar, days bigint",
}
"""Landing's own tables beside those of a file source (see `settling`)."""


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
    """Create every raw schema, table and column that is missing; existing rows stay.

    The dlt load id column is nullable on purpose: rows of a bulk file import have none.
    """
    with connect(warehouse_path) as db, transaction(db):
        for statement in create_table_statements():
            db.execute(statement)
        present = set(db.execute("select schema_name, table_name, column_name from duckdb_columns()").fetchall())
        for dataset, tables in RAW_SCHEMAS.items():
            for table, columns in tables.items():
                types = {name: DUCKDB_TYPES[kind] for name, kind in columns.items()} | {"_dlt_load_id": "VARCHAR"}
                for name, kind in types.items():
                    if (dataset, table, name) not in present:
                        db.execute(f'alter table {dataset}.{table} add column "{name}" {kind}')
            if "files" in tables:
                for table, body in BOOKKEEPING.items():
                    db.execute(f"create table if not exists {dataset}.{table} ({body})")
                db.execute(f"alter table {dataset}._superseded_scopes add column if not exists days bigint")
