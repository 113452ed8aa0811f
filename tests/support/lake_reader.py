"""A lake as somebody else reads it: `manifest.json` by the standard library, Parquet by pyarrow.

Put here: reading, comparing with a warehouse. Keep out: the project's own reading.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ARROW = {
    "bigint": pa.int64(), "boolean": pa.bool_(), "date": pa.date32(), "double": pa.float64(), "int": pa.int32(),
    "string": pa.string(), "timestamp": pa.timestamp("us"), "decimal(38,12)": pa.decimal128(38, 12),
}  # fmt: skip
Open = Callable[[str], Any]
"""From the name of a file in the lake to something that pyarrow and json can read."""


def of_folder(root: Path) -> Open:
    """The lake in a folder."""
    return lambda name: (root / name).open("rb")


def manifest_of(opened: Open) -> dict[str, Any]:
    """What is in force."""
    with opened("manifest.json") as file:
        found: dict[str, Any] = json.load(file)
    return found


def table_of(opened: Open, manifest: dict[str, Any], table: str) -> pa.Table:
    """All rows of a table by the manifest; every object must have the manifest's types, rows and day."""
    entry = manifest["tables"][table]
    schema = pa.schema([(name, ARROW[kind]) for name, kind in entry["columns"].items()])
    if not entry["list"]:
        return schema.empty_table()
    with opened(entry["list"]) as file:
        listed = json.load(file)
    parts = []
    for each in listed["objects"]:
        with opened(each["path"]) as file:
            part = pq.ParquetFile(file).read()
        assert part.schema.equals(schema), (each["path"], part.schema, schema)
        assert part.num_rows == each["rows"] > 0
        if "/day=" in each["path"]:
            assert f"/day={each['day'] or '__HIVE_DEFAULT_PARTITION__'}/" in each["path"]
        parts.append(part)
    return pa.concat_tables(parts)


def differences(
    warehouse: duckdb.DuckDBPyConnection, opened: Open, schemas: tuple[str, ...] = ()
) -> dict[str, tuple[int, int]]:
    """Rows that only the warehouse has and that only the lake has, of every table (of `schemas`) that differs. Tables
    of raw schemas that the lake lacks differ, too; dlt's own, and stamps of what the home did, are not compared."""
    manifest, found = manifest_of(opened), {}
    tables = warehouse.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where starts_with(schema_name, 'raw_') "
        "and not starts_with(table_name, '_dlt_') and table_name <> '_stamps' "
        "and not ends_with(schema_name, '_staging')"
    ).fetchall()
    for table in sorted({name for (name,) in tables} | manifest["tables"].keys()):
        if schemas and table.partition(".")[0] not in schemas:
            continue
        if table not in manifest["tables"]:
            found[table] = (-1, 0)
            continue
        warehouse.register("of_lake", table_of(opened, manifest, table))
        only = [
            warehouse.execute(f"select count(*) from (from {one} except all from {other})").fetchall()[0][0]
            for one, other in ((table, "of_lake"), ("of_lake", table))
        ]
        warehouse.unregister("of_lake")
        if any(only):
            found[table] = (only[0], only[1])
    return found
