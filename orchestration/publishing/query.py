"""Answers SQL from the published copy.

Put here: reading and printing. Keep out: the warehouse file, which only runs may open.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from rich.console import Console
from rich.text import Text

from ingestion.config import Settings
from orchestration.home.last_good import is_torn
from orchestration.publishing.published_copy import MART_SCHEMA
from orchestration.text.figures import plain
from orchestration.text.spreadsheets import csv_cell
from orchestration.text.tables import GAP, Column, drawn, fit
from orchestration.text.terminal import plain as printable
from orchestration.warehouse.connection import confine, connect

TABLE_ROW_LIMIT = 200
HEADER_LINES = 6
"""Lines of a screen that rows do not fill."""
_HASH = re.compile("[0-9a-f]{32}")
_NAME = re.compile("[A-Za-z_][A-Za-z_0-9]*")


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
    database = settings.published_database
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


def run_query(
    settings: Settings,
    sql: str,
    output_format: str,
    console: Console,
    *,
    is_confined: bool = True,
    is_wide: bool = False,
) -> None:
    """Print the result of `sql` as a table (first 200 rows), CSV or JSON (all rows).

    A table has the columns that fit the terminal and no hashes; with `is_wide` all of them, however long the lines.

    The statement reads published marts and nothing else, unless `is_confined` is False.

    Money keeps all its decimals in CSV and JSON (there as strings), and loses trailing zeros in a table.

    Raises:
        NothingPublishedError: there is no published copy yet.
        QueryError: the statement is wrong; the message says what tables exist.
    """
    connection = open_published(settings, is_confined=is_confined)
    try:
        cursor = connection.execute(sql)
        if cursor is None:  # DuckDB's answer to a text without a statement
            raise QueryError(
                "the query has no statement; write one, for instance: costops query 'from rpt_cost_monthly'"
            )
        columns = [column[0] for column in cursor.description or []]
        if output_format == "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow([csv_cell(column) for column in columns])
            while rows := cursor.fetchmany(10_000):
                writer.writerows([csv_cell(_plain(value)) for value in row] for row in rows)
        elif output_format == "json":
            _print_json(cursor, columns)
        else:
            _print_table(cursor, columns, console, sql, is_wide=is_wide)
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


def _print_table(
    cursor: duckdb.DuckDBPyConnection, columns: list[str], console: Console, sql: str, *, is_wide: bool
) -> None:
    """One line a row. Hashes are left out unless the statement names their column, and what does not fit is named."""
    rows = cursor.fetchmany(TABLE_ROW_LIMIT + 1)
    shown_rows = rows[:TABLE_ROW_LIMIT]
    described = [_column(name, [row[position] for row in shown_rows]) for position, name in enumerate(columns)]
    named = set(_NAME.findall(sql))
    hashes = [
        position
        for position, name in enumerate(columns)
        if not is_wide and name not in named and _all_hashes([row[position] for row in shown_rows])
    ]
    kept = [position for position in range(len(columns)) if position not in hashes] or hashes
    chosen = [described[position] for position in kept]
    whole = sum(column.needed for column in chosen) + GAP * len(chosen)
    amounts = [columns[position] for position in kept if any(isinstance(row[position], Decimal) for row in shown_rows)]
    fitted = fit(chosen, whole if is_wide else console.width, [*named, *amounts[:1]])
    table = drawn(chosen, fitted, [[_shown(row[position]) for position in kept] for row in shown_rows])
    notes = []
    left_out = [*fitted.left_out, *(columns[position] for position in hashes if position not in kept)]
    if left_out:
        notes.append(f"not shown: {', '.join(printable(name) for name in left_out)} (name them, or --wide)")
    if len(rows) > TABLE_ROW_LIMIT:
        notes.append(f"first {TABLE_ROW_LIMIT} rows; --format csv prints all")
    paged = console.is_terminal and len(shown_rows) + HEADER_LINES > console.height
    with console.pager(styles=True) if paged else nullcontext():
        with _at_least(console, whole if is_wide else 0):
            console.print(table)
        for words in notes:
            console.print(f"[dim]{words}[/]")


@contextmanager
def _at_least(console: Console, width: int) -> Iterator[None]:
    """Let the console be as wide as a table that may run over the screen."""
    before = console.width
    console.width = max(before, width)
    try:
        yield
    finally:
        console.width = before


def _column(name: str, values: list[Any]) -> Column:
    """A column with its cells as they will look."""
    present = [value for value in values if value is not None]
    is_number = bool(present) and all(_is_number(value) for value in present)
    is_whole = is_number or (bool(present) and all(isinstance(value, date) for value in present))
    cells = ["NULL" if value is None else Text.from_markup(_shown(value)).plain for value in values]
    return Column(name, cells, is_whole, is_number, not present)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _all_hashes(values: list[Any]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(isinstance(value, str) and _HASH.fullmatch(value) for value in present)


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
