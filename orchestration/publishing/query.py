"""Answers SQL from the published copy.

Put here: reading and printing. Keep out: the warehouse file, which only runs may open.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from ingestion.config import Settings
from orchestration.home.last_good import is_torn
from orchestration.publishing.published_copy import MART_SCHEMA
from orchestration.text.figures import plain
from orchestration.text.spreadsheets import csv_cell
from orchestration.text.terminal import plain as printable
from orchestration.warehouse.connection import confine, connect

TABLE_ROW_LIMIT = 200


_REFUSED = (
    "disabled by configuration",
    "disabled through configuration",
    "configuration has been locked",
    "attached in read-only mode",
    "launch in-memory database in read-only mode",
)
"""What DuckDB says of statements that reach beyond the marts."""


class NothingPublishedError(RuntimeError):
    """No run has published yet."""


class QueryError(RuntimeError):
    """DuckDB refused the statement."""


def open_published(settings: Settings, *, is_confined: bool = True) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published marts, with `marts` as the default schema.

    It reaches nothing else, unless `is_confined` is False.

    Raises:
        NothingPublishedError: there is no published copy yet.
    """
    database = settings.published_dir / "marts.duckdb"
    if not database.exists():
        raise NothingPublishedError(f"nothing is published in {settings.home} yet; run: costops run (or costops demo)")
    try:
        connection = connect(database, read_only=True)
        connection.execute(f"use {MART_SCHEMA}")
    except duckdb.Error as error:
        if not is_torn(str(error)):
            raise
        raise NothingPublishedError(
            f"the published copy {database} is broken ({str(error).splitlines()[0][:200]}). "
            "Mend it with: costops repair"
        ) from None
    if is_confined:
        confine(connection)
    return connection


def run_query(settings: Settings, sql: str, output_format: str, console: Console, *, is_confined: bool = True) -> None:
    """Print the result of `sql` as a table (first 200 rows), CSV or JSON (all rows).

    The statement reads published marts and nothing else, unless `is_confined` is False.

    Money keeps all its decimals in CSV and JSON (there as strings), and loses trailing zeros in a table.

    Raises:
        NothingPublishedError: there is no published copy yet.
        QueryError: the statement is wrong; the message says what tables exist.
    """
    connection = open_published(settings, is_confined=is_confined)
    try:
        cursor = connection.execute(sql)
        columns = [column[0] for column in cursor.description or []]
        if output_format == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow([csv_cell(column) for column in columns])
            while rows := cursor.fetchmany(10_000):
                writer.writerows([csv_cell(_plain(value)) for value in row] for row in rows)
        elif output_format == "json":
            _print_json(cursor, columns)
        else:
            _print_table(cursor, columns, console)
    except duckdb.Error as error:
        if is_confined and any(words in str(error) for words in _REFUSED):
            raise QueryError(
                f"a query reads published marts and nothing else: {str(error).splitlines()[0]}\n"
                "If you wrote the statement yourself and mean it to read or write files, other databases or settings, "
                "add --unsafe"
            ) from None
        raise QueryError(f'{error}\nSee what there is with: costops query "show tables"') from None
    finally:
        connection.close()


def _print_json(cursor: duckdb.DuckDBPyConnection, columns: list[str]) -> None:
    sys.stdout.write("[")
    separator = "\n"
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            sys.stdout.write(separator + json.dumps(dict(zip(columns, row, strict=True)), default=str))
            separator = ",\n"
    sys.stdout.write("\n]\n")


def _print_table(cursor: duckdb.DuckDBPyConnection, columns: list[str], console: Console) -> None:
    rows = cursor.fetchmany(TABLE_ROW_LIMIT + 1)
    table = Table(show_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numeric = any(isinstance(row[index], int | float | Decimal) for row in rows[:20])
        table.add_column(printable(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows[:TABLE_ROW_LIMIT]:
        table.add_row(*(_shown(value) for value in row))
    console.print(table)
    if len(rows) > TABLE_ROW_LIMIT:
        console.print(f"[dim]first {TABLE_ROW_LIMIT} rows; --format csv prints all[/]")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def _shown(value: Any) -> str:
    if value is None:
        return "[dim]NULL[/]"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return printable(value)
