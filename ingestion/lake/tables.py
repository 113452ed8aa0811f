"""Which tables a lake holds, by which days they lie, in which deliveries they come.

Every table of the raw schemas is one, landing's own included, so that a warehouse from the lake alone goes on landing
where the other stopped. Put here: that, and names of types. Keep out: tables outside the raw schemas (given).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import duckdb

from ingestion.landing.registry import ASIDE
from ingestion.landing.shapes import FILE_TABLES, FROM_FILES
from ingestion.raw_schemas import RAW_SCHEMAS

DAY_COLUMNS = (
    "requested_at_utc", "usage_date", "charge_period_start_utc", "line_item_usage_start_utc",
    "interval_usage_start_utc", "usage_start_time_utc", "bucket_start_utc", "hour_start_utc", "sampled_at_utc",
    "allocated_from_utc", "period_start_date",
)  # fmt: skip
"""The day (UTC) of a row is that of the first of these that its table has."""
UNDATED = frozenset({"pulls"})
"""Tables that have such a column and are delivered whole all the same."""
OWN_TABLES = ("_known_columns", "_changed_by_hand")
"""Landing's own in `raw_landing`. What this home has done already (`_stamps`) is no matter of another."""
WHOLE = "all"
BY_FILE = "_source_file_id"
_TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double",
    "INTEGER": "int",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "string",
}


@dataclass(frozen=True)
class LakeTable:
    """One table of the warehouse as the lake keeps it."""

    schema: str
    table: str
    unit: str = ""
    """The column that says which delivery a row came with; empty: the table is written whole."""
    day: str = ""
    is_registered: bool = False
    """Whether the registry of its schema says which deliveries changed."""
    gate: str = ""
    """SQL over the table that is equal as long as the table is; empty: its rows are looked at each time."""
    columns: dict[str, str] = field(default_factory=dict)
    """DuckDB's types by column."""

    @property
    def name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.table}"

    @property
    def unit_sql(self) -> str:
        """The delivery of a row `t`, as text."""
        return f"coalesce(cast(t.\"{self.unit}\" as varchar), '-')" if self.unit else f"'{WHOLE}'"

    @property
    def day_sql(self) -> str:
        """The day of a row `t`."""
        return f'cast(t."{self.day}" as date)' if self.day else "null::date"

    @property
    def folder(self) -> str:
        """Where its objects lie."""
        return f"{'raw' if self.schema.startswith('raw_') else 'state'}/{self.schema}/{self.table}"


def raw_tables(db: duckdb.DuckDBPyConnection) -> list[LakeTable]:
    """Every table of the raw schemas but dlt's own and stamps."""
    tables = []
    for dataset, declared in RAW_SCHEMAS.items():
        own = ["files", *FILE_TABLES] if dataset in FROM_FILES else []
        kept_aside = [f"{prefix}{table}" for prefix in ASIDE for table in declared]
        more = OWN_TABLES if dataset == "raw_landing" else ()
        tables += [_raw(dataset, table) for table in dict.fromkeys([*own, *declared, *kept_aside, *more])]
    return described(db, tables)


def _raw(dataset: str, table: str) -> LakeTable:
    if table in FILE_TABLES or table in OWN_TABLES or table in ("files", "notes"):
        return LakeTable(dataset, table)
    prefix = next((prefix for prefix in ASIDE if table.startswith(prefix)), "")
    columns = RAW_SCHEMAS[dataset][table.removeprefix(prefix)]
    unit = BY_FILE if BY_FILE in columns else ""
    day = next((column for column in DAY_COLUMNS if column in columns), "") if unit and table not in UNDATED else ""
    return LakeTable(dataset, table, unit, day, is_registered=bool(unit) and table != "quarantine")


def described(db: duckdb.DuckDBPyConnection, tables: Iterable[LakeTable]) -> list[LakeTable]:
    """Those of the tables that the warehouse has, with their columns."""
    rows = db.execute(
        "select schema_name || '.' || c.table_name, column_name, c.data_type from duckdb_columns() as c "
        "join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where database_name = current_database() order by 1, column_index"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for name, column, kind in rows:
        found.setdefault(name, {})[column] = kind
    return [replace(each, columns=found[each.name]) for each in tables if each.name in found]


def plain_types(table: LakeTable) -> dict[str, str]:
    """Types by column as the manifest calls them."""
    return {column: plain_type(kind) for column, kind in table.columns.items()}


def plain_type(kind: str) -> str:
    """A type of DuckDB as the manifest calls it."""
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind.lower()
    if kind not in _TYPES:
        raise ValueError(f"the lake has no type for {kind}")
    return _TYPES[kind]


def duckdb_type(kind: str) -> str:
    """The type of DuckDB behind a name of the manifest."""
    return {plain: own for own, plain in _TYPES.items()}.get(kind, kind.upper())
