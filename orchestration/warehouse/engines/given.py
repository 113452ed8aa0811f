"""What an engine reads and DuckDB holds (raw tables, scores, alerts), given to it as Parquet.

A table is written once for each content, so that what did not change is not written again.

Put here: those files and their types. Keep out: what comes back (`tables`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.warehouse.engines.spark import Spark
from orchestration.warehouse.engines.types import as_parquet, spark_type


def give(connection: duckdb.DuckDBPyConnection, spark: Spark, settings: Settings, tables: Collection[str]) -> None:
    """Write what changed of `tables` (`schema.table`) and make all of them known to the engine under their names."""
    contents = dict(
        connection.execute("select relation, content from build_state.built where relation is not null").fetchall()
    )
    for table in sorted(tables):
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where database_name = current_database() "
            "and schema_name || '.' || table_name = ? order by column_index",
            [table],
        ).fetchall()
        if not columns:
            continue
        folder = settings.engine.folder / "given" / table.replace(".", "/")
        version = hashlib.md5(contents.get(table, "").encode(), usedforsecurity=False).hexdigest()
        location = folder / version
        if table not in contents or not location.exists():
            _write(connection, table, columns, location)
        for other in folder.iterdir():
            if other != location:
                shutil.rmtree(other)
        declare(spark, table, str(location), [(name, spark_type(kind)) for name, kind in columns])


def declare(
    spark: Spark, table: str, location: str, columns: Collection[tuple[str, str]], by: str | None = None
) -> None:
    """Make files known to the engine as a table, where it knows other files under that name or none."""
    if spark.declared.get(table) == location:
        return
    schema = table.partition(".")[0]
    shape = ", ".join(f"`{name}` {kind}" for name, kind in columns)
    spark.run(f"create schema if not exists {schema}")
    spark.run(f"drop table if exists {table}")
    partition = f"partitioned by ({by})" if by else ""
    spark.run(f"create table {table} ({shape}) using parquet {partition} location '{location}'")
    spark.declared[table] = location


def _write(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Collection[tuple[str, str]], location: Path
) -> None:
    """The rows of a table in a folder that is whole or not there."""
    beside = location.with_name(f".{location.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    shown = ", ".join(as_parquet(name, kind) for name, kind in columns)
    connection.execute(
        f"copy (select {shown} from {table}) to '{beside / 'rows.parquet'}' (format parquet, compression zstd)"
    )
    shutil.rmtree(location, ignore_errors=True)
    os.replace(beside, location)
