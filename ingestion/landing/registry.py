"""Which files have been landed: the `files` table of a raw dataset and the rule for trusting it.

A dlt load is several commits, so a kill can leave rows without their record. A load counts only
once it is settled (see `settling`): whatever belongs to another load is removed before anything else
happens, and its files are landed again.

Put here: reading, forgetting and repairing the registry. Keep out: what a row means.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.landing.database import transaction
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.vocabulary.refusals import code_of

DATE_OUT_OF_RANGE = "out_of_range"
OUT_OF_RANGE_WORDS = " lies before "
"""Between the time of a refused row and the rest of its message."""
SCOPE_SEPARATOR = "\n"
ASIDE = ("_duplicate_", "_repeated_", "_joining_")
"""Prefixes of tables of rows that other rows stand for, or that only lie between others (`uniqueness`, `repeated`)."""


@dataclass(frozen=True)
class RegisteredFile:
    """A row of `files`: one landed version of one file."""

    file_id: int
    path: str
    source_format: str
    size_bytes: int
    modified_at_utc: datetime
    content_hash: str
    row_count: int
    quarantined_row_count: int
    period_key: str | None
    is_superseded: bool
    landed_at_utc: datetime

    @property
    def scopes(self) -> frozenset[str]:
        """What the file restates; empty when it restates nothing."""
        return frozenset(self.period_key.split(SCOPE_SEPARATOR)) if self.period_key else frozenset()


def data_tables(dataset: str) -> list[str]:
    """The tables of a dataset that hold rows out of files, and those kept aside for them."""
    tables = [table for table in RAW_SCHEMAS[dataset] if table not in ("files", "quarantine")]
    return tables + [f"{prefix}{table}" for prefix in ASIDE for table in tables]


def _existing(db: duckdb.DuckDBPyConnection, dataset: str, tables: Iterable[str]) -> list[str]:
    rows = db.execute("select table_name from duckdb_tables() where schema_name = ?", [dataset]).fetchall()
    present = {row[0] for row in rows}
    return [table for table in tables if table in present]


def registered_files(db: duckdb.DuckDBPyConnection, dataset: str) -> list[RegisteredFile]:
    """Every landed file, by path."""
    columns = ", ".join(RegisteredFile.__dataclass_fields__)
    rows = db.execute(f"select {columns} from {dataset}.files order by path").fetchall()
    return [RegisteredFile(*row) for row in rows]


def remove_unsettled(db: duckdb.DuckDBPyConnection, dataset: str) -> int:
    """Delete what an interrupted run left behind; returns the number of its files. Costs one scan of
    the file id columns when there is nothing to do."""
    unsettled = f"coalesce(_dlt_load_id, '') not in (select load_id from {dataset}._settled_loads)"
    with transaction(db):
        files = db.execute(f"select count(*) from {dataset}.files where {unsettled}").fetchone()[0]
        db.execute(f"delete from {dataset}.files where {unsettled}")
        for table in _existing(db, dataset, [*data_tables(dataset), "quarantine"]):
            seen = f"(select distinct _source_file_id as file_id from {dataset}.{table})"
            orphans = f"{seen} where file_id is null or file_id not in (select file_id from {dataset}.files)"
            if db.execute(f"select count(*) from {orphans}").fetchone()[0]:
                db.execute(
                    f"delete from {dataset}.{table} where _source_file_id is null "
                    f"or _source_file_id not in (select file_id from {dataset}.files)"
                )
    return files


def forget(db: duckdb.DuckDBPyConnection, dataset: str, file_ids: Iterable[int]) -> None:
    """Delete all rows, quarantined rows and registry rows of files that are gone or about to be landed anew."""
    ids = sorted(set(file_ids))
    if ids:
        with transaction(db):
            forget_within(db, dataset, ids)


def forget_within(db: duckdb.DuckDBPyConnection, dataset: str, file_ids: list[int]) -> None:
    """The same inside a transaction."""
    db.execute("create or replace temp table forgotten as select unnest(?::bigint[]) as file_id", [file_ids])
    for table in _existing(db, dataset, [*data_tables(dataset), "quarantine"]):
        db.execute(f"delete from {dataset}.{table} where _source_file_id in (select file_id from forgotten)")
    for table in ("_superseded_scopes", "_rewritten", "files"):
        db.execute(f"delete from {dataset}.{table} where file_id in (select file_id from forgotten)")
    db.execute("drop table forgotten")


def note_rewritten(db: duckdb.DuckDBPyConnection, dataset: str, file_ids: str) -> None:
    """Mark files whose rows changed after they were landed, by another file; `file_ids` is a query of them. Whoever
    keeps a copy of rows by file (`ingestion.lake`) sees by load id and mark which to copy again."""
    db.execute(f"create or replace temp table rewritten as select distinct file_id from ({file_ids}) as t (file_id)")
    db.execute(f"delete from {dataset}._rewritten where file_id in (select file_id from rewritten)")
    db.execute(f"insert into {dataset}._rewritten select file_id, uuid()::varchar from rewritten")
    db.execute("drop table rewritten")


def forget_gone(db: duckdb.DuckDBPyConnection, dataset: str, present: Container[str]) -> list[RegisteredFile]:
    """Forget landed files whose path is not among those `present`; returns them, by path."""
    gone = [file for file in registered_files(db, dataset) if file.path not in present]
    forget(db, dataset, [file.file_id for file in gone])
    return gone


def refused_as_future(db: duckdb.DuckDBPyConnection, dataset: str, latest: datetime) -> set[int]:
    """Files with rows that an earlier run refused because their time was in the future, and it no longer is."""
    if not _existing(db, dataset, ["quarantine"]):
        return set()
    rows = db.execute(
        "with refused as (select _source_file_id, quarantined_at_utc, "
        f"try_cast(split_part(message, ?, 1) as timestamp) as instant from {dataset}.quarantine where reason = ?) "
        "select distinct _source_file_id from refused where instant > quarantined_at_utc and instant < ?",
        [OUT_OF_RANGE_WORDS, code_of(DATE_OUT_OF_RANGE), latest],
    ).fetchall()
    return {file_id for (file_id,) in rows}


def forget_files_without_rows(db: duckdb.DuckDBPyConnection, dataset: str) -> int:
    """Forget landed files whose every row is gone from the tables, so that they are landed again; says how many."""
    tables = _existing(db, dataset, [*data_tables(dataset), "quarantine"])
    present = " union ".join(f"select _source_file_id as file_id from {dataset}.{table}" for table in tables)
    emptied = db.execute(
        f"select file_id from {dataset}.files where row_count > 0 and not is_superseded "
        f"and file_id not in (select file_id from ({present}) where file_id is not null)"
    ).fetchall()
    forget(db, dataset, [file_id for (file_id,) in emptied])
    return len(emptied)


def touch(
    db: duckdb.DuckDBPyConnection, dataset: str, file_id: int, size_bytes: int, modified_at_utc: datetime
) -> None:
    """Note a new modification time of an unchanged file, so that it is not hashed at every run."""
    db.execute(
        f"update {dataset}.files set modified_at_utc = ?, size_bytes = ? where file_id = ?",
        [modified_at_utc, size_bytes, file_id],
    )
