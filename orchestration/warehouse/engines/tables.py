"""Tables that an engine built: the list of them, and the views by which everything else reads them in the warehouse.

A row of `build_state.engine_tables` says where the files of a table lie. It is written in one transaction with the
view and with what the table was made from, so a build that is killed leaves the tables before it and is due.

Put here: that list, those views, files that nobody names any more. Keep out: what is built (`running.spark_build`).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.warehouse.engines.given import declare
from orchestration.warehouse.engines.spark import Spark
from orchestration.warehouse.engines.types import duckdb_type, from_parquet

PARTITION = "usage_date"
_OF_ONE_BUILD = re.compile(r"__(?:made|fresh|next)(?:_[0-9a-f]{8})?$")
"""Ends of names that `macros/spark/materializations.sql` gives to what only one build knows."""
_CREATE = (
    "create schema if not exists build_state",
    "create table if not exists build_state.engine_tables (name varchar, location varchar, "
    "column_names varchar[], column_types varchar[], is_by_day boolean)",
)


@dataclass(frozen=True)
class EngineTable:
    """One table and where its files lie."""

    name: str
    """`schema.table`."""
    location: str
    columns: tuple[tuple[str, str], ...]
    """Names and Spark's types."""
    is_by_day: bool
    """Whether its files lie in a folder for each day."""

    @property
    def files(self) -> list[Path]:
        """Its files, sorted."""
        return sorted(Path(self.location).glob(f"{PARTITION}=*/*.parquet" if self.is_by_day else "*.parquet"))


def known_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, EngineTable]:
    """Every table of the list by `schema.table`."""
    for statement in _CREATE:
        connection.execute(statement)
    rows = connection.execute(
        "select name, location, column_names, column_types, is_by_day from build_state.engine_tables"
    ).fetchall()
    return {
        name: EngineTable(name, location, tuple(zip(names, types, strict=True)), by_day)
        for name, location, names, types, by_day in rows
    }


def declare_tables(spark: Spark, tables: Iterable[EngineTable]) -> None:
    """Make tables known to the engine that it built in another session."""
    for table in tables:
        declare(spark, table.name, table.location, table.columns, PARTITION if table.is_by_day else None)


def drop_unknown(spark: Spark, stored: Collection[str], known: Collection[str]) -> None:
    """Of the tables that are stored, drop those that the engine has from elsewhere (another home, a list that was
    lost), so that none is built on; and what builds that were killed left of their own."""
    for schema in sorted({name.partition(".")[0] for name in stored}):
        spark.run(f"create schema if not exists {schema}")
        for _, table, *_ in spark.run(f"show tables in {schema}"):
            name = f"{schema}.{table}"
            if (name in stored and name not in known) or _OF_ONE_BUILD.search(table):
                spark.run(f"drop table {name}")
                spark.declared.pop(name, None)


def built_table(spark: Spark, name: str) -> EngineTable:
    """What the engine knows of a table that it has just built."""
    columns: list[tuple[str, str]] = []
    facts: dict[str, str] = {}
    is_by_day = in_facts = False
    for first, second, *_ in spark.run(f"describe extended {name}"):
        if first.startswith("# Partition Information"):
            is_by_day = True
        elif first.startswith("# Detailed Table Information"):
            in_facts = True
        elif in_facts:
            facts[first] = second
        elif not is_by_day and first and not first.startswith("#"):
            columns.append((first, second))
    location = facts["Location"].removeprefix("file://").removeprefix("file:")
    spark.declared[name] = location
    return EngineTable(name, location, tuple(columns), is_by_day)


def bring_back(
    connection: duckdb.DuckDBPyConnection,
    node: str,
    table: EngineTable,
    now: datetime,
    order: Collection[str] = (),
) -> None:
    """Make a built table the one that the warehouse shows under its name, and note what it was made from.

    `order` are the names of its columns as a reader expects them.
    """
    types = dict(table.columns)
    columns = [(name, types[name]) for name in (order or types)]
    files = table.files
    if files:
        shown = ", ".join(from_parquet(name, kind) for name, kind in columns)
        pattern = f"{table.location}/{PARTITION}=*/*.parquet" if table.is_by_day else f"{table.location}/*.parquet"
        options = (
            f", hive_partitioning = true, hive_types = {{'{PARTITION}': date}}, union_by_name = true"
            if table.is_by_day
            else ""
        )
        rows = f"select {shown} from read_parquet('{pattern}'{options})"
    else:
        shown = ", ".join(f'cast(null as {duckdb_type(kind)}) as "{name}"' for name, kind in columns)
        rows = f"select {shown} where false"
    schema, _, identifier = table.name.partition(".")
    connection.execute("begin")
    try:
        connection.execute(f"create schema if not exists {schema}")
        if connection.execute(
            "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, identifier]
        ).fetchall():
            connection.execute(f'drop table {schema}."{identifier}"')
        connection.execute(f'create or replace view {schema}."{identifier}" as {rows}')
        content, count = _content(connection, table)
        connection.execute("delete from build_state.engine_tables where name = ?", [table.name])
        connection.execute(
            "insert into build_state.engine_tables (name, location, column_names, column_types, is_by_day) "
            "values (?, ?, ?, ?, ?)",
            [table.name, table.location, list(types), list(types.values()), table.is_by_day],
        )
        connection.execute("delete from build_state.built where node = ?", [node])
        connection.execute(
            "insert into build_state.built select node, inputs_key, ?, ?, null, ?, ? "
            "from build_state.due where node = ?",
            [content, count, table.name, now, node],
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _content(connection: duckdb.DuckDBPyConnection, table: EngineTable) -> tuple[str, int]:
    """A key of what a table holds, and its rows."""
    key, count = connection.execute(
        f"select coalesce(sum(hash(content)::hugeint), 0), count(*) from {table.name} as content"
    ).fetchall()[0]
    return hashlib.md5(f"{table.columns}\x1f{key}".encode(), usedforsecurity=False).hexdigest(), int(count)


def drop_missing(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Forget tables whose files are gone, so that they are built; says which."""
    gone = [table for table in known_tables(connection).values() if not os.path.isdir(table.location)]
    _forget(connection, gone)
    return [f"the files of {table.name} are gone ({table.location}). It is built anew" for table in gone]


def sweep(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Remove the files of builds that no table of the list names any more."""
    named = {Path(table.location) for table in known_tables(connection).values()}
    for folder in (settings.engine.folder / "built").glob("*/*/*"):
        if folder not in named:
            shutil.rmtree(folder, ignore_errors=True)


def leave(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Forget every table of an engine that is no longer asked for, views and all: DuckDB builds its own."""
    tables = known_tables(connection).values()
    _forget(connection, tables)
    return [f"{len(tables)} tables were built by Spark. DuckDB builds them anew"] if tables else []


def _forget(connection: duckdb.DuckDBPyConnection, tables: Iterable[EngineTable]) -> None:
    """Take tables off the list, with their views and what is known of them: they are due."""
    for table in tables:
        connection.execute(f"drop view if exists {table.name}")
        connection.execute("delete from build_state.built where relation = ?", [table.name])
        connection.execute("delete from build_state.engine_tables where name = ?", [table.name])
