"""Every raw table and its columns, as the catalogue's specs say: landing, empty tables and dbt's sources agree here.

Put here: what follows from specs. Keep out: columns (`ingestion/sources/<name>/spec.py`), parsing and meaning. An
architecture test compares these tables with the sources that `dbt_project` declares.
"""

from __future__ import annotations

import pyarrow as pa

from ingestion.catalog import CATALOG
from ingestion.vocabulary.raw_types import BIGINT as BIGINT
from ingestion.vocabulary.raw_types import BOOLEAN as BOOLEAN
from ingestion.vocabulary.raw_types import DATE as DATE
from ingestion.vocabulary.raw_types import DUCKDB_TYPES as DUCKDB_TYPES
from ingestion.vocabulary.raw_types import INSTANT as INSTANT
from ingestion.vocabulary.raw_types import MONEY as MONEY
from ingestion.vocabulary.raw_types import NOTES, PROVENANCE, SHARED, columns
from ingestion.vocabulary.raw_types import TEXT as TEXT
from ingestion.vocabulary.raw_types import Columns as Columns
from ingestion.vocabulary.spec import RawTable, SourceSpec


def _columns(table: RawTable) -> Columns:
    return columns(table.columns) | (PROVENANCE if table.has_provenance else {})


def _tables(spec: SourceSpec) -> dict[str, Columns]:
    own = {name: _columns(table) for name, table in spec.tables.items()}
    return own | {name: SHARED[name] for name in spec.shared_tables}


RAW_SCHEMAS: dict[str, dict[str, Columns]] = {spec.dataset: _tables(spec) for spec in CATALOG} | {
    "raw_landing": {"notes": NOTES}
}
"""`RAW_SCHEMAS[dataset][table]` is an ordered mapping of column to Arrow type."""
REQUESTS = RAW_SCHEMAS["raw_events"]["requests"]


def arrow_schema(dataset: str, table: str) -> pa.Schema:
    """The Arrow schema of a raw table."""
    return pa.schema(list(RAW_SCHEMAS[dataset][table].items()))


def create_table_statements() -> list[str]:
    """DuckDB DDL that makes every raw schema and table that does not exist yet."""
    statements = []
    for dataset, tables in RAW_SCHEMAS.items():
        statements.append(f"create schema if not exists {dataset}")
        for table, kinds in tables.items():
            body = ", ".join(f'"{name}" {DUCKDB_TYPES[kind]}' for name, kind in kinds.items())
            statements.append(f"create table if not exists {dataset}.{table} ({body})")
    return statements
