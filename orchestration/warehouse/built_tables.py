"""Remembers columns and rows of what dbt built, so that a table changed by hand is built anew and never half filled.

An incremental model adds a column that its table lacks and leaves it empty for days that it does not rebuild. So before
dbt runs, a table whose columns or row count are not those of the last build is dropped: dbt then builds it whole.

Put here: remembering, comparing, dropping. Keep out: raw tables (`ingestion.landing.shapes`), what cannot be built.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import duckdb

_TABLE = "raw_landing._built_tables"
_CREATE = (
    "create schema if not exists raw_landing",
    f"create table if not exists {_TABLE} (schema_name varchar, table_name varchar, columns varchar, row_count bigint)",
)
_NOW = """
    select c.schema_name, c.table_name,
        string_agg(column_name || ' ' || data_type, ', ' order by column_index) as columns,
        any_value(t.table_name) is not null as is_table
    from duckdb_columns() as c
    left join duckdb_tables() as t
        on t.database_name = c.database_name and t.schema_name = c.schema_name and t.table_name = c.table_name
    where c.database_name = current_database()
    group by 1, 2
"""
Name = tuple[str, str]


def stored_tables(manifest: Mapping[str, Any], nodes: Iterable[str]) -> set[Name]:
    """Schema and name of the seeds and models among `nodes` that are stored and that dbt fills rather than replaces."""
    kept = ("seed", "incremental")
    described = [manifest["nodes"][node] for node in nodes]
    return {(each["schema"], each["alias"]) for each in described if each["config"].get("materialized") in kept}


def changes(connection: duckdb.DuckDBPyConnection, tables: Collection[Name] | None = None) -> dict[Name, str]:
    """Those of `tables` (default: all that are remembered) that are not as the last build left them, and why."""
    exists = connection.execute("from duckdb_tables() where schema_name || '.' || table_name = ?", [_TABLE]).fetchall()
    known = {
        (schema, table): (columns, rows)
        for schema, table, columns, rows in (connection.execute(f"from {_TABLE}").fetchall() if exists else [])
        if tables is None or (schema, table) in tables
    }
    found = {}
    for (schema, table), (columns, is_table) in _shapes(connection, known).items():
        remembered, rows = known[schema, table]
        if not is_table:
            found[schema, table] = "it is a view"
        elif columns != remembered:
            found[schema, table] = f"its columns are not those that were built ({_difference(remembered, columns)})"
        elif rows is not None and (have := _count(connection, schema, table)) != rows:
            found[schema, table] = f"it has {have:,} rows and was built with {rows:,}"
    return found


def drop_changed(connection: duckdb.DuckDBPyConnection, tables: Collection[Name]) -> list[str]:
    """Drop those of `tables` that are not as the last build left them; says which and why.

    From here to `remember`, row counts are not known: a build that is killed in between is no change by hand.
    """
    for statement in _CREATE:
        connection.execute(statement)
    said = []
    for (schema, table), reason in changes(connection, tables).items():
        kind = "view" if reason == "it is a view" else "table"
        connection.execute(f'drop {kind} {schema}."{table}" cascade')
        said.append(f"{schema}.{table} was changed by hand: {reason}. It is built anew")
    for name in tables:
        connection.execute(f"update {_TABLE} set row_count = null where schema_name = ? and table_name = ?", name)
    return said


def remember(connection: duckdb.DuckDBPyConnection, tables: Collection[Name]) -> None:
    """Note the columns and rows of `tables`, which were built just now."""
    rows = [
        (schema, table, columns, _count(connection, schema, table))
        for (schema, table), (columns, is_table) in _shapes(connection, tables).items()
        if is_table
    ]
    connection.execute("begin")
    for row in rows:
        connection.execute(f"delete from {_TABLE} where schema_name = ? and table_name = ?", row[:2])
        connection.execute(f"insert into {_TABLE} values (?, ?, ?, ?)", row)
    connection.execute("commit")


def _shapes(connection: duckdb.DuckDBPyConnection, wanted: Collection[Name]) -> dict[Name, list[Any]]:
    """Columns of each wanted table or view that exists, and whether it is a table."""
    found = connection.execute(_NOW).fetchall()
    return {(schema, table): rest for schema, table, *rest in found if (schema, table) in wanted}


def _count(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> int:
    return int(connection.execute(f'select count(*) from {schema}."{table}"').fetchall()[0][0])


def _difference(before: str, now: str) -> str:
    """The columns that one has and the other lacks; types such as DECIMAL(38,12) hold no blank after their comma."""
    had, have = set(before.split(", ")), set(now.split(", "))
    gone, new = sorted(had - have), sorted(have - had)
    words = [f"{sign} {column}" for sign, columns in (("without", gone), ("with", new)) for column in columns[:3]]
    return ", ".join(words) or "another order"
