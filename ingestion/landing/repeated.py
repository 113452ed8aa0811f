"""Sets rows aside that repeat what rows of other files tell: a sum and its parts may arrive apart.

They move to `_repeated_<table>` and come back when the rows that told the same are gone. What lies between them and is
no row itself is kept in `_joining_<table>`, as it may come in a third file.
Put here: moving. Keep out: which rows repeat others (the source says it by a query), ids that occur twice
(`uniqueness`).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ingestion.landing.model import Joint
from ingestion.landing.registry import note_rewritten
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS


def keep_joints(db: duckdb.DuckDBPyConnection, dataset: str, table: str, file_id: int, joints: Sequence[Joint]) -> None:
    """Keep what of a file hangs rows of others together; what an earlier version of it said is forgotten before."""
    if not joints:
        return
    _ensure(db, dataset, table, "_joining_")
    names = ("event_source", "event_id", "parent_event_id")
    said = pa.table({name: pa.array([getattr(joint, name) for joint in joints], pa.string()) for name in names})
    db.register("joints", said)
    db.execute(
        f"insert into {dataset}._joining_{table} by name select distinct *, {file_id} as _source_file_id from joints"
    )
    db.unregister("joints")


def _ensure(db: duckdb.DuckDBPyConnection, dataset: str, table: str, prefix: str) -> None:
    body = ", ".join(f'"{name}" {DUCKDB_TYPES[kind]}' for name, kind in RAW_SCHEMAS[dataset][table].items())
    db.execute(f"create table if not exists {dataset}.{prefix}{table} ({body}, _dlt_load_id varchar)")


def count_aside(db: duckdb.DuckDBPyConnection, dataset: str, table: str) -> int:
    """How many rows of a table are set aside."""
    name = f"_repeated_{table}"
    exists = "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?"
    if not db.execute(exists, [dataset, name]).fetchone()[0]:
        return 0
    return int(db.execute(f"select count(*) from {dataset}.{name}").fetchone()[0])


def set_repeated_aside(
    db: duckdb.DuckDBPyConnection, dataset: str, table: str, column: str, relation: tuple[str, str]
) -> None:
    """Move rows to where they belong.

    `relation`: a condition without which no row repeats another, so that most landings look no further; and a query
    of the ids (`column`) that repeat others among `everything`, the rows that count and those set aside, hung together
    by what is `joining`.
    """
    condition, query = relation
    rows, aside = f"{dataset}.{table}", f"{dataset}._repeated_{table}"
    has_relatives = db.execute(f"select exists(from {rows} where {condition})").fetchone()[0]
    if not has_relatives and not count_aside(db, dataset, table):
        return
    for prefix in ("_repeated_", "_joining_"):
        _ensure(db, dataset, table, prefix)
    db.execute(
        f"""create or replace temp table repeating as
        with everything as (from {rows} union all by name from {aside}), joining as (from {dataset}._joining_{table})
        select distinct id from ({query}) as t (id)"""
    )
    db.execute(
        f"""create or replace temp table to_set_aside as
        from {rows} where {column} in (select id from repeating)"""
    )
    db.execute(
        f"""create or replace temp table to_bring_back as
        select distinct on ({column}) * from {aside}
        where {column} not in (select id from repeating) and {column} not in (select {column} from {rows})
        order by {column}, _source_file_id, _source_row"""
    )
    for moved, source, target in (("to_set_aside", rows, aside), ("to_bring_back", aside, rows)):
        if not db.execute(f"select count(*) from {moved}").fetchone()[0]:
            continue
        db.execute(
            f"delete from {source} where exists (from {moved} as m where m.{column} = {source}.{column} "
            f"and m._source_file_id = {source}._source_file_id)"
        )
        db.execute(f"insert into {target} by name from {moved}")
        touched = f"select _source_file_id from {moved}"
        db.execute(
            f"""update {dataset}.files set row_count = (
                select count(*) from {rows} where {rows}._source_file_id = files.file_id)
            where file_id in ({touched})"""
        )
        note_rewritten(db, dataset, touched)
    for each in ("repeating", "to_set_aside", "to_bring_back"):
        db.execute(f"drop table {each}")
