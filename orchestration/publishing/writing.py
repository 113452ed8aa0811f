"""Rows of the published copy as a file: Parquet, CSV, JSON, JSON lines.

Money keeps all its digits in every format; NULL is an empty cell in CSV and `null` in JSON. In CSV, text that a
spreadsheet would evaluate is marked as text; the other formats carry text as it is.

Put here: one file of each format. Keep out: where it goes (`places`), which rows (targets, the command `export`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.publishing.parts import quoted
from orchestration.text.spreadsheets import MAY_CHANGE, csv_cell

Columns = Sequence[tuple[str, str]]
"""Names and DuckDB's types."""


@dataclass(frozen=True)
class FileFormat:
    """How rows become a file."""

    name: str
    suffix: str
    options: str
    """DuckDB's, of COPY."""


PARQUET = FileFormat("parquet", ".parquet", "format parquet, compression zstd")
SNAPPY = FileFormat("parquet", ".parquet", "format parquet, compression snappy")
"""For tools that read nothing newer."""
CSV = FileFormat("csv", ".csv", "format csv, header, nullstr ''")
CSV_GZ = FileFormat("csv.gz", ".csv.gz", "format csv, header, nullstr '', compression gzip")
JSON = FileFormat("json", ".json", "")
JSON_LINES = FileFormat("jsonl", ".jsonl", "format json")
FORMATS = {each.name: each for each in (PARQUET, CSV, CSV_GZ, JSON, JSON_LINES)}


def write_file(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Columns, file_format: FileFormat, file: Path
) -> int:
    """Write `rows` (a table or a query in brackets) to a file; returns how many there are."""
    if file_format is JSON:
        return _write_json(connection, rows, columns, file)
    if file_format in (CSV, CSV_GZ):
        selected = ", ".join(_csv_column(connection, name, kind) for name, kind in columns)
    elif file_format is JSON_LINES:
        selected = ", ".join(_json_column(name, kind) for name, kind in columns)
    else:
        selected = ", ".join(quoted(name) for name, _ in columns)
    target = str(file).replace("'", "''")
    done = connection.execute(f"copy (select {selected} from {rows}) to '{target}' ({file_format.options})")
    return int(done.fetchall()[0][0])


def columns_of(connection: duckdb.DuckDBPyConnection, rows: str) -> tuple[tuple[str, str], ...]:
    """Columns of a table or a query in brackets."""
    return tuple((name, kind) for name, kind, *_ in connection.execute(f"describe from {rows}").fetchall())


def _csv_column(connection: duckdb.DuckDBPyConnection, name: str, kind: str) -> str:
    column, header = quoted(name), quoted(str(csv_cell(name)))
    if kind in _NEVER_TEXT or kind.startswith("DECIMAL"):
        return f"{column} as {header}"
    _teach(connection)
    text = column if kind == "VARCHAR" else f"{column}::varchar"
    return f"case when regexp_matches({text}, '{MAY_CHANGE}') then csv_cell({text}) else {text} end as {header}"


def _json_column(name: str, kind: str) -> str:
    """JSON has no word for what is not a number, and no bytes."""
    column = quoted(name)
    if kind in ("DOUBLE", "FLOAT"):
        return f"case when isfinite({column}) then {column} end as {column}"
    return column


def _write_json(connection: duckdb.DuckDBPyConnection, rows: str, columns: Columns, file: Path) -> int:
    """An array of indented records; DuckDB's own indenting rounds decimals."""
    names = [f"    {json.dumps(name)}: " for name, _ in columns]
    values = ", ".join(f"to_json({quoted(name)})::varchar" for name, _ in columns)
    selected = ", ".join(_json_column(name, kind) for name, kind in columns)
    cursor = connection.execute(f"select {values} from (select {selected} from {rows})")
    count = 0
    with file.open("w", encoding="utf-8") as target:
        target.write("[")
        while batch := cursor.fetchmany(10_000):
            for row in batch:
                fields = (name + (value or "null") for name, value in zip(names, row, strict=True))
                target.write((",\n  {\n" if count else "\n  {\n") + ",\n".join(fields) + "\n  }")
                count += 1
        target.write("\n]\n" if count else "]\n")
    return count


def _teach(connection: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB ask `csv_cell`."""
    known = connection.execute("select 1 from duckdb_functions() where function_name = 'csv_cell'").fetchall()
    if not known:
        connection.create_function("csv_cell", lambda text: str(csv_cell(text)), ["VARCHAR"], "VARCHAR")


_NEVER_TEXT = frozenset(
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT DOUBLE FLOAT DATE "
    "TIME TIMESTAMP".split()
)
