"""dlt as landing uses it: one pipeline per raw dataset, Arrow tables and Parquet files, append only.

dlt's working folder is thrown away before each run: everything a run needs is in the warehouse and
in the files themselves, and a killed run must not leave packages that load twice. Each run states all
columns itself, so nothing is restored from earlier schemas either.

Put here: dlt. Keep out: files, formats, SQL.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from ingestion.landing.reading import TablePart
from ingestion.landing.shortcuts import spare_dlt
from ingestion.raw_schemas import BIGINT, BOOLEAN, DATE, INSTANT, MONEY, RAW_SCHEMAS, TEXT

TYPE_HINTS: dict[pa.DataType, dict[str, Any]] = {
    BIGINT: {"data_type": "bigint"},
    BOOLEAN: {"data_type": "bool"},
    DATE: {"data_type": "date"},
    INSTANT: {"data_type": "timestamp", "timezone": False, "precision": 6},
    MONEY: {"data_type": "decimal", "precision": 38, "scale": 12},
    TEXT: {"data_type": "text"},
}
ITEM_ROWS = 20_000
ITEM_TABLES = 200
FROZEN = {"tables": "evolve", "columns": "freeze", "data_type": "freeze"}
"""A table begins with the columns of `raw_schemas` and never gets another."""


def append(parts: Iterator[TablePart], dataset: str, warehouse_path: Path, dlt_dir: Path) -> str | None:
    """Append parts to a raw dataset in one dlt load and return its id; None when there was nothing."""
    configure()
    shutil.rmtree(dlt_dir / dataset, ignore_errors=True)
    pipeline = dlt.pipeline(
        pipeline_name=dataset,
        pipelines_dir=str(dlt_dir),
        destination=dlt.destinations.duckdb(credentials=credentials(warehouse_path)),
        dataset_name=dataset,
    )
    try:
        info = pipeline.run(_resources(parts, dataset))
        info.raise_on_failed_jobs()
        return info.loads_ids[-1] if info.loads_ids else None
    finally:
        shutil.rmtree(dlt_dir / dataset, ignore_errors=True)


def credentials(warehouse_path: Path) -> DuckDbCredentials:
    """The warehouse, into which rows may go in any order: in the order of a file whose row groups are not DuckDB's, the
    next checkpoint writes all of them anew (1.4 million GPU samples: 1.4 s of CPU instead of 4.4, half the file)."""
    return DuckDbCredentials(str(warehouse_path), global_config={"preserve_insertion_order": False})


def configure() -> None:
    """The settings every dlt run of this project has; nothing is read from the environment for them."""
    spare_dlt()
    dlt.config["runtime.dlthub_telemetry"] = False
    dlt.config["normalize.parquet_normalizer.add_dlt_load_id"] = True
    dlt.config["load.workers"] = 1
    dlt.config["restore_from_destination"] = False


def _resources(parts: Iterator[TablePart], dataset: str) -> list[Any]:
    """One resource for all tables; a file imported as it is comes first, alone, and has its own."""
    first = next(parts, None)
    if first is None or first.parquet_path is None:
        return [dlt.resource(_items(chain([first] if first else [], parts), dataset), name="landed_files")]
    item = dlt.mark.with_file_import(str(first.parquet_path), "parquet", first.rows)
    hints = table_hints(dataset, first.table_name)
    # dlt rewrites a Parquet file (0.8 s of CPU per million rows) unless the columns it knows are exactly the file's
    hints["columns"] = {name: hints["columns"][name] for name in pq.read_schema(first.parquet_path).names}
    imported = dlt.resource([item], name="imported_file", **hints)
    return [imported, dlt.resource(_items(parts, dataset), name="landed_files")]


def table_hints(dataset: str, table: str) -> dict[str, Any]:
    """Explicit columns and a frozen contract for one raw table."""
    columns = {
        name: {"name": name, "nullable": True, **TYPE_HINTS[kind]} for name, kind in RAW_SCHEMAS[dataset][table].items()
    }
    return {"table_name": table, "columns": columns, "write_disposition": "append", "schema_contract": FROZEN}


def _items(parts: Iterable[TablePart], dataset: str) -> Iterator[Any]:
    """Arrow tables for dlt."""
    hinted = set()
    for name, table in in_few_tables(_tables(parts)):
        if name not in hinted:
            hinted.add(name)
            hints = dlt.mark.make_hints(**table_hints(dataset, name))
            yield dlt.mark.with_hints(table.slice(0, 0), hints, create_table_variant=True)
        yield dlt.mark.with_table_name(table, name)


def _tables(parts: Iterable[TablePart]) -> Iterator[tuple[str, pa.Table]]:
    for part in parts:
        if part.table is None:
            raise ValueError("a file to be imported as it is must be the first part of its load")
        yield part.table_name, part.table


def in_few_tables(parts: Iterable[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
    """The same rows by the name of their table, in few big ones: each item costs dlt about two milliseconds."""
    waiting: dict[str, list[pa.Table]] = {}
    for name, table in parts:
        tables = waiting.setdefault(name, [])
        tables.append(table)
        if sum(each.num_rows for each in tables) >= ITEM_ROWS or len(tables) >= ITEM_TABLES:
            yield name, pa.concat_tables(waiting.pop(name)).combine_chunks()
    for name, tables in waiting.items():
        yield name, pa.concat_tables(tables).combine_chunks()
