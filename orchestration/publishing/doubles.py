"""Marts once more with floating-point numbers, for tools that cannot read decimals of 38 digits: views, on demand.

Put here: making and dropping them. Keep out: the marts, whose amounts are exact.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from orchestration.publishing.mart_status import MART_SCHEMA

SCHEMA = "marts_double"
VARIABLE = "COSTOPS_PUBLISH_DOUBLES"


def show_doubles(connection: duckdb.DuckDBPyConnection, marts: Iterable[str], *, is_wanted: bool) -> None:
    """A view of each mart in schema `marts_double` whose decimals are doubles, or none of them. The published database
    is the one in use."""
    connection.execute("begin")
    connection.execute(f"drop schema if exists {SCHEMA} cascade")
    if is_wanted:
        connection.execute(f"create schema {SCHEMA}")
        decimals = dict(
            connection.execute(
                "select table_name, list(column_name order by column_index) from duckdb_columns() "
                "where database_name = current_database() and schema_name = ? and data_type like 'DECIMAL%' group by 1",
                [MART_SCHEMA],
            ).fetchall()
        )
        for mart in sorted(marts):
            changed = ", ".join(f'cast("{name}" as double) as "{name}"' for name in decimals.get(mart, ()))
            replaced = f" replace ({changed})" if changed else ""
            connection.execute(f'create view {SCHEMA}."{mart}" as select *{replaced} from {MART_SCHEMA}."{mart}"')
    connection.execute("commit")
