"""Tableau's file format, written and read by Tableau's own engine.

Put here: the engine, tables from Parquet files. Keep out: where files go, which marts there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.publishing.distribution import TargetError
from orchestration.publishing.mart_status import MART_SCHEMA

COSTS_SOURCE = "rpt_usage_daily"
COSTS_SCHEMA, COSTS_TABLE = "Extract", "Costs"
_COSTS = {
    "id": "usage_daily_key",
    "date": "usage_date",
    "model": "model_id",
    "cost": "cast(contracted_cost_usd as double precision)",
    "tokens_used": "total_tokens",
    "user_id": "user_id",
    "team_id": "team_id",
}
"""The table that workbooks made from single extracts know: its columns, and what they are in our terms."""
DATABASE_VERSION = "3"
"""The first that holds decimals of more than 18 digits."""


@contextmanager
def engine() -> Iterator[Any]:
    """Tableau's engine as a process of its own; it reports nothing to anybody and writes no log.

    Raises:
        TargetError: the package is not installed.
    """
    try:
        from tableauhyperapi import HyperProcess, Telemetry
    except ImportError:
        raise TargetError("Tableau's engine is missing: install llm-cost-ops[hyper] (290 MB)") from None
    parameters = {"default_database_version": DATABASE_VERSION, "log_config": ""}
    with HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, "llm-cost-ops", parameters=parameters) as running:
        yield running


def write_tables(running: Any, file: Path, tables: Mapping[str, Path], gone: tuple[str, ...] = ()) -> list[str]:
    """Write tables of schema `marts` from Parquet files into a file, which is made where it is missing.

    Returns what could not be written, in words.
    """
    from tableauhyperapi import Connection, CreateMode, HyperException, escape_name, escape_string_literal

    notes = []
    with Connection(running.endpoint, str(file), CreateMode.CREATE_IF_NOT_EXISTS) as connection:
        for schema in (MART_SCHEMA, COSTS_SCHEMA):
            connection.execute_command(f"create schema if not exists {escape_name(schema)}")
        for mart in gone:
            connection.execute_command(f"drop table if exists {MART_SCHEMA}.{escape_name(mart)}")
        for mart, source in sorted(tables.items()):
            table = f"{MART_SCHEMA}.{escape_name(mart)}"
            rows = f"external({escape_string_literal(str(source))}, format => 'parquet')"
            connection.execute_command(f"drop table if exists {table}")
            try:
                connection.execute_command(f"create table {table} as select * from {rows}")
            except HyperException as error:
                notes.append(f"{mart} was left out: {' '.join(str(error.main_message).split())}")
        if COSTS_SOURCE in {*tables, *gone}:
            _write_costs(connection)
    return notes


def tables_of(running: Any, file: Path) -> set[str]:
    """The tables of schema `marts` in a file; none where it is missing or no such file."""
    from tableauhyperapi import Connection, HyperException

    if not file.exists():
        return set()
    try:
        with Connection(running.endpoint, str(file)) as connection:
            return {table.name.unescaped for table in connection.catalog.get_table_names(MART_SCHEMA)}
    except HyperException:
        return set()


def _write_costs(connection: Any) -> None:
    from tableauhyperapi import TableName, escape_name

    table = f"{escape_name(COSTS_SCHEMA)}.{escape_name(COSTS_TABLE)}"
    connection.execute_command(f"drop table if exists {table}")
    if connection.catalog.has_table(TableName(MART_SCHEMA, COSTS_SOURCE)):
        columns = ", ".join(f"{source} as {escape_name(name)}" for name, source in _COSTS.items())
        connection.execute_command(f"create table {table} as select {columns} from {MART_SCHEMA}.{COSTS_SOURCE}")
