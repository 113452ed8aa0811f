"""Raw tables as a destination that is not ours holds them: the raw columns, and two that say what replaces what.

Rows come and go by file (for a provider: by endpoint and day). Each time a file is read, every table gets a marker row
of it, number 0, which is withdrawn from the beginning: a file that shrank to nothing has a marker and no other row.
A destination that merges deletes all rows of the files that a load holds and keeps no marker; one that only appends
keeps them, and the rows that count are those of a file's newest reading.

Put here: columns, hints, markers. Keep out: what is read and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from ingestion.landing.loading import TYPE_HINTS, table_hints
from ingestion.raw_schemas import BIGINT, BOOLEAN, RAW_SCHEMAS, arrow_schema

ROW_NUMBER = "_row_in_file"
WITHDRAWN = "_is_withdrawn"
OWN = {ROW_NUMBER: BIGINT, WITHDRAWN: BOOLEAN}
"""The two columns beside those of the warehouse."""


@dataclass(frozen=True)
class Delivered:
    """Rows for one table."""

    table_name: str
    rows: pa.Table


def file_column(table: str) -> str:
    """Which column says what file a row is of."""
    return "file_id" if table == "files" else "_source_file_id"


def time_column(table: str) -> str:
    """Which column says when the file was read: equal in all its rows."""
    return {"files": "landed_at_utc", "quarantine": "quarantined_at_utc"}.get(table, "_loaded_at_utc")


def hints(dataset: str, table: str, *, appends: bool) -> dict[str, Any]:
    """Columns, keys, write disposition and contract of a table: those of landing, and by file.

    The primary key serves only to pass over rows that an interrupted load brought twice; what a load deletes is said
    by a scope, because dlt joins a primary and a merge key by OR, which no engine can hash.
    """
    key = file_column(table)
    found = table_hints(dataset, table)
    own = {name: {"name": name, "nullable": name != ROW_NUMBER, **TYPE_HINTS[kind]} for name, kind in OWN.items()}
    own[WITHDRAWN]["hard_delete"] = True
    columns = found["columns"] | own
    columns[key] = columns[key] | {"nullable": False}
    if appends:
        return found | {"columns": {name: _plain(column) for name, column in columns.items()}}
    return found | {
        "columns": columns,
        "primary_key": [key, ROW_NUMBER],
        "write_disposition": {
            "disposition": "merge",
            "strategy": "delete-insert",
            "destination_scope": f"{key} in (select {key} from {{staging_table}})",
        },
    }


def _plain(column: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in column.items() if name != "hard_delete"}


def schema_of(dataset: str, table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    keys = (file_column(table), ROW_NUMBER)
    fields = pa.schema([*arrow_schema(dataset, table), *OWN.items()])
    return pa.schema([field.with_nullable(field.name not in keys) for field in fields])


def marker(dataset: str, table: str, file_id: int, now: datetime) -> Delivered:
    """The row that withdraws whatever a table holds of a file."""
    row = {file_column(table): file_id, time_column(table): now, ROW_NUMBER: 0, WITHDRAWN: True}
    return Delivered(table, pa.Table.from_pylist([row], schema_of(dataset, table)))


def markers(dataset: str, file_id: int, now: datetime, tables: Iterable[str] | None = None) -> Iterator[Delivered]:
    """Those of the tables that a file may fill (None: every table)."""
    for table in tables or RAW_SCHEMAS[dataset]:
        yield marker(dataset, table, file_id, now)


def numbered(dataset: str, table: str, rows: pa.Table, first: int) -> Delivered:
    """Rows of a file with their numbers, from `first` on."""
    numbers = pa.array(range(first, first + rows.num_rows), BIGINT)
    kept = pa.repeat(pa.scalar(False), rows.num_rows)
    columns = [*rows.columns, numbers, kept]
    return Delivered(table, pa.Table.from_arrays(columns, schema=schema_of(dataset, table)))


def current_rows_sql(relation: str, table: str) -> str:
    """A select of the rows that count, for a destination that only appends (`QUALIFY`: DuckDB, Spark, Snowflake …).

    `relation` is what the table is read from, such as `read_parquet('…/requests/*.parquet')`.
    """
    key, at = file_column(table), time_column(table)
    newest = f"{at} = max({at}) over (partition by {key})"
    return f"select * from {relation} qualify {newest} and not {WITHDRAWN}"
