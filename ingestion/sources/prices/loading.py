"""dlt as the price list needs it: prices and resolved names keep every version, the catalog is swapped whole.

A killed run is harmless: each table changes in one transaction, and comparing row hashes a second
time finds nothing left to do. dlt's working folder is thrown away first, so that no half-done
package of an older list is loaded before the new one.

Put here: dlt. Keep out: what the rows mean.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from ingestion.landing.loading import FROZEN, TYPE_HINTS, configure
from ingestion.raw_schemas import INSTANT
from ingestion.sources.prices.rows import ROW_HASHES, VALIDITY_COLUMNS

DATASET = "raw_prices"
PIPELINE = "prices"


def load_prices(
    versioned: Mapping[str, pa.Table],
    replaced: Mapping[str, pa.Table],
    now: datetime,
    warehouse_path: Path,
    dlt_dir: Path,
) -> None:
    """One dlt run: the `versioned` tables by row version as of `now` (naive UTC), the `replaced` ones whole."""
    configure()
    dlt.config["load.truncate_staging_dataset"] = True
    shutil.rmtree(dlt_dir / PIPELINE, ignore_errors=True)
    pipeline = dlt.pipeline(
        pipeline_name=PIPELINE,
        pipelines_dir=str(dlt_dir),
        destination=dlt.destinations.duckdb(
            credentials=DuckDbCredentials(str(warehouse_path)), replace_strategy="insert-from-staging"
        ),
        dataset_name=DATASET,
    )
    try:
        whole = [resource_of(name, table, "replace") for name, table in replaced.items()]
        kept = [every_version(name, table, now) for name, table in versioned.items()]
        pipeline.run([*kept, *whole]).raise_on_failed_jobs()
    finally:
        shutil.rmtree(dlt_dir / PIPELINE, ignore_errors=True)


def every_version(name: str, table: pa.Table, now: datetime) -> Any:
    """The resource for dlt's scd2 strategy, spelled out in the hints that strategy stands for.

    `write_disposition={"strategy": "scd2"}` would make the validity columns TIMESTAMP WITH TIME ZONE, and
    the hash NOT NULL, which DuckDB cannot add to a table that exists.
    """
    resource = resource_of(name, table, "merge", VALIDITY_COLUMNS)
    valid_from, valid_to = VALIDITY_COLUMNS
    row_hash = ROW_HASHES[name]
    return resource.apply_hints(
        columns={
            valid_from: {"name": valid_from, "x-valid-from": True},
            valid_to: {"name": valid_to, "x-valid-to": True, "x-active-record-timestamp": None},
            row_hash: {"name": row_hash, "x-row-version": True, "unique": False, "row_key": False},
        },
        additional_table_hints={
            "x-merge-strategy": "scd2",
            "x-boundary-timestamp": now.replace(tzinfo=UTC).isoformat(),
        },
    )


def resource_of(name: str, table: pa.Table, write_disposition: Any, instants: tuple[str, ...] = ()) -> Any:
    """The resource of a table, its columns stated."""
    types = {field.name: field.type for field in table.schema} | dict.fromkeys(instants, INSTANT)
    return dlt.resource(
        [table],
        name=name,
        write_disposition=write_disposition,
        columns={column: {"name": column, "nullable": True, **TYPE_HINTS[kind]} for column, kind in types.items()},
        schema_contract=FROZEN,
    )
