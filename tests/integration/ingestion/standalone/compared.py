"""What a destination holds beside the warehouse's raw tables: rows and types, both ways.

Put here: reading destinations. Keep out: running sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import s3fs
from deltalake import DeltaTable
from pyiceberg.table import StaticTable

from ingestion.landing.database import ensure_tables
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from ingestion.standalone.tables import OWN, current_rows_sql
from orchestration.publishing.targets.postgres.server import _load_extension

CLOCKS = {"_loaded_at_utc", "quarantined_at_utc", "landed_at_utc", "received_at_utc"}
"""When something was received or read: of two runs never the same."""
OF_THE_SPOOL = {"size_bytes", "modified_at_utc", "content_hash"}
"""Of files of a provider's answers: alone they are written anew, and known by their content."""
ORDER = {"pulls": {"_source_row"}}
"""The ledger's lines have no order."""


def ignored(table: str, *, is_provider: bool) -> set[str]:
    return CLOCKS | ORDER.get(table, set()) | (OF_THE_SPOOL if is_provider and table == "files" else set())


def pipeline(folder: Path, name: str, destination: Any) -> dlt.Pipeline:
    return dlt.pipeline(
        f"alone_{name}", pipelines_dir=str(folder / "dlt"), destination=destination, dataset_name=f"alone_{name}"
    )


def writes(destination: Destination) -> Any:
    """How a source is told to write there."""
    return "merge" if destination.kind in ("duckdb", "postgres") else "append"


def run(line: dlt.Pipeline, source: Any, **options: Any) -> None:
    """A run; what an interrupted one left is loaded first, as dlt does, and then asks for another."""
    had_pending = line.has_pending_data
    line.run(source, **options).raise_on_failed_jobs()
    if had_pending:
        line.run(source, **options).raise_on_failed_jobs()


@dataclass(frozen=True)
class Side:
    """Where the rows of a table are read from: a select, by table, within a DuckDB connection."""

    db: duckdb.DuckDBPyConnection

    def warehouse(self, home: Path) -> None:
        ensure_tables(home / "warehouse.duckdb")
        self.db.execute(f"attach '{home / 'warehouse.duckdb'}' as house (read_only)")

    def differences(self, spec_dataset: str, table: str, alone: str, *, is_provider: bool) -> tuple[int, int, int]:
        """Rows of the warehouse, rows only there, rows only alone (`alone`: what the table is read from)."""
        kinds = RAW_SCHEMAS[spec_dataset][table]
        kept = [name for name in kinds if name not in ignored(table, is_provider=is_provider)]
        columns = ", ".join(f'"{name}"' for name in kept)
        ours, theirs = f"select {columns} from house.{spec_dataset}.{table}", f"select {columns} from {alone}"
        both = [f"select count(*) from ({a} except all {b})" for a, b in ((ours, theirs), (theirs, ours))]
        counts = [f"select count(*) from ({ours})", *both]
        return tuple(self.db.execute(sql).fetchall()[0][0] for sql in counts)  # type: ignore[return-value]

    def example(self, dataset: str, table: str, alone: str) -> list[Any]:
        """A row of the file that comes first, of either side."""
        rows = [f"select * from {relation} limit 1" for relation in (f"house.{dataset}.{table}", alone)]
        return [self.db.execute(sql).fetchall() for sql in rows]

    def wrong_types(self, spec_dataset: str, table: str, alone: str) -> list[Any]:
        expected = {name: DUCKDB_TYPES[kind] for name, kind in (RAW_SCHEMAS[spec_dataset][table] | OWN).items()}
        found = {row[0]: row[1] for row in self.db.execute(f"describe select * from {alone}").fetchall()}
        return [(name, kind, found.get(name)) for name, kind in expected.items() if found.get(name) != kind]


@dataclass(frozen=True)
class Destination:
    """Where a source alone is loaded to, and how its tables are read back with DuckDB."""

    kind: str
    place: str
    """A folder, an `s3://` address, the address of a PostgreSQL server."""

    def pipeline(self, folder: Path, name: str) -> dlt.Pipeline:
        made = {"duckdb": dlt.destinations.duckdb, "postgres": dlt.destinations.postgres}
        to = made.get(self.kind, dlt.destinations.filesystem)(self.place)
        return pipeline(folder / self.kind, name, to)

    @property
    def options(self) -> dict[str, Any]:
        """What `run` is given: files are Parquet, or a table format's."""
        if self.kind in ("delta", "iceberg"):
            return {"table_format": self.kind, "write_disposition": "append"}
        return {"loader_file_format": "parquet"} if self.kind in ("filesystem", "s3") else {}

    def attach(self, db: duckdb.DuckDBPyConnection, name: str) -> Callable[[str], str]:
        """What each table is read from, within a connection."""
        if self.kind == "duckdb":
            db.execute(f"attach '{self.place}' as alone (read_only)")
        elif self.kind == "postgres":
            _load_extension(db)
            db.execute(f"attach '{self.place}' as alone (type postgres, read_only)")
        else:
            return lambda table: f"({current_rows_sql(self._files(db, f'alone_{name}', table), table)})"
        return lambda table: f"alone.alone_{name}.{table}"

    def _files(self, db: duckdb.DuckDBPyConnection, dataset: str, table: str) -> str:
        """The relation of all files of a table: local ones, those of a bucket, those that a table format counts."""
        place = f"{self.place}/{dataset}/{table}"
        if self.kind == "filesystem":
            return f"read_parquet('{place}/*.parquet')"
        if self.kind == "delta":
            rows = pa.table(DeltaTable(place).to_pyarrow_table())
        elif self.kind == "iceberg":
            newest = max(Path(place).glob("metadata/*.metadata.json"))
            rows = StaticTable.from_metadata(str(newest)).scan().to_arrow()
        else:
            files = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
            rows = pa.concat_tables(pq.read_table(files.open(path)) for path in files.glob(f"{place}/*.parquet"))
        db.register(f"rows_of_{table}", rows)
        return f"rows_of_{table}"


def compared(destination: Destination, name: str, home: Path, *, is_provider: bool) -> dict[str, int]:
    """Asserts that a destination holds what the warehouse of a home does."""
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        side = Side(db)
        side.warehouse(home)
        faults, rows = found(side, name, destination.attach(db, name), is_provider=is_provider)
    assert not faults, (destination.kind, faults)
    return rows


def found(side: Side, name: str, alone: Any, *, is_provider: bool) -> tuple[list[Any], dict[str, int]]:
    """What differs in rows and types, and how many rows each table has."""
    dataset, rows, faults = f"raw_{name}", {}, []
    for table in RAW_SCHEMAS[dataset]:
        there, only_ours, only_theirs = side.differences(dataset, table, alone(table), is_provider=is_provider)
        rows[table] = there
        if only_ours or only_theirs:
            faults.append((table, there, only_ours, only_theirs, side.example(dataset, table, alone(table))))
        faults += [(table, *each) for each in side.wrong_types(dataset, table, alone(table))]
    return faults, rows
