"""Gives a warehouse the rows that a lake has: tables by the manifest's types, rows by its objects.

Put here: filling tables. Keep out: which warehouse, what happens to one that is there (`orchestration.lake`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from ingestion.lake.changes import fetched, reading
from ingestion.lake.manifest import LakeObject, TableList
from ingestion.lake.tables import duckdb_type
from ingestion.lake.versions import Lake
from ingestion.lake.writing import content_hash
from ingestion.landing.database import transaction

Progress = Callable[[str], None]
AT_ONCE_BYTES = 1 << 30
"""So much is fetched before it is read into the table."""


class DamagedLakeError(Exception):
    """An object is not there, or not what was written."""


def fill(db: duckdb.DuckDBPyConnection, lake: Lake, say: Progress) -> dict[str, int]:
    """Put the rows of every table of the version in force into tables of the same name, which are made where they are
    missing; how many, by table.

    Raises:
        DamagedLakeError: naming the object.
    """
    counted = {}
    lake.read_lists()
    for table in sorted(lake.current.tables) if lake.current else ():
        content = lake.list_of(table)
        if content is None:
            continue
        _make(db, table, content)
        with transaction(db):
            for chunk in _chunks(content):
                _insert(db, lake, table, chunk)
        counted[table] = int(db.execute(f"select count(*) from {table}").fetchall()[0][0])
        wanted = sum(each.rows for each in content.objects)
        if counted[table] != wanted:
            raise DamagedLakeError(f"{table} has {counted[table]:,} rows, and {wanted:,} by the manifest")
        if wanted:
            say(f"{table}: {wanted:,} rows")
    return counted


def _make(db: duckdb.DuckDBPyConnection, table: str, content: TableList) -> None:
    """A table that nobody made yet, and columns that it lacks; what it was made with is taken out."""
    schema, _, name = table.partition(".")
    body = ", ".join(f'"{column}" {duckdb_type(kind)}' for column, kind in content.columns.items())
    db.execute(f"create schema if not exists {schema}")
    db.execute(f"create table if not exists {table} ({body})")
    db.execute(f"delete from {table}")
    has = db.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? "
        "and database_name = current_database()",
        [schema, name],
    ).fetchall()
    for column in content.columns.keys() - {column for (column,) in has}:
        db.execute(f'alter table {table} add column "{column}" {duckdb_type(content.columns[column])}')


def _chunks(content: TableList) -> list[list[LakeObject]]:
    chunks: list[list[LakeObject]] = []
    size = 0
    for each in content.objects:
        if not chunks or size + each.bytes > AT_ONCE_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(each)
        size += each.bytes
    return chunks


def _insert(db: duckdb.DuckDBPyConnection, lake: Lake, table: str, objects: list[LakeObject]) -> None:
    with tempfile.TemporaryDirectory(prefix="costops-lake-") as folder:
        files = fetched(lake.store, objects, Path(folder))
        for each, file in zip(objects, files, strict=True):
            if not each.path.endswith(f"-{content_hash(file)}.parquet"):
                raise DamagedLakeError(f"{each.path} is not what was written; costops lake verify looks at all")
        db.execute(f"insert into {table} by name select * from {reading(files)}")
