"""The last, single transaction of a load: after it the load counts, before it nothing of it does.

It completes rows that were imported as they are, lets deliveries replace what they restate, sees that
a unique id occurs once, and writes the load id to `_settled_loads`.

Put here: what must be all or nothing. Keep out: dlt, files on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.landing.database import transaction
from ingestion.landing.noting import keep_file_notes
from ingestion.landing.reading import FileResult
from ingestion.landing.registry import forget_within, note_rewritten, registered_files
from ingestion.landing.repeated import count_aside, keep_joints, set_repeated_aside
from ingestion.landing.source import DropFolderSource, Superseded
from ingestion.landing.uniqueness import Repeats, make_unique


@dataclass
class Settlement:
    """What settling found: files whose superseded rows are due again, and repeats of unique ids."""

    revived_file_ids: set[int] = field(default_factory=set)
    newly_superseded: int = 0
    repeats: list[Repeats] = field(default_factory=list)
    set_aside: int = 0
    """Rows that repeat what rows of other files tell."""


def settle(
    db: duckdb.DuckDBPyConnection,
    source: DropFolderSource,
    load_id: str | None,
    results: Iterable[FileResult],
    now: datetime,
) -> Settlement:
    """Settle one load (None: only look again at what supersedes what)."""
    settlement = Settlement()
    with transaction(db):
        for result in results:
            if result.imported_table:
                _complete_import(db, source, result, result.imported_table, now)
            keep_file_notes(db, source.name, result.file.file_id, result.notes, now)
            for table in source.repeated:
                keep_joints(db, source.dataset, table, result.file.file_id, result.joints)
        _supersede(db, source, settlement)
        if load_id is not None:
            for table, column in source.unique_columns.items():
                settlement.repeats.append(make_unique(db, source.name, source.dataset, table, column, load_id, now))
            db.execute(f"insert into {source.dataset}._settled_loads values (?, ?)", [load_id, now])
            _set_repeated_aside(db, source)
        settlement.set_aside = sum(count_aside(db, source.dataset, table) for table in source.repeated)
    return settlement


def _set_repeated_aside(db: duckdb.DuckDBPyConnection, source: DropFolderSource) -> None:
    for table, relation in source.repeated.items():
        set_repeated_aside(db, source.dataset, table, source.unique_columns[table], relation)


def withdraw(db: duckdb.DuckDBPyConnection, source: DropFolderSource, file_ids: list[int], now: datetime) -> None:
    """Take out the rows of files that were removed. Where one owned an id, the next file that has it counts."""
    if not file_ids:
        return
    with transaction(db):
        forget_within(db, source.dataset, file_ids)
        for table, column in source.unique_columns.items():
            make_unique(db, source.name, source.dataset, table, column, "", now)
        _set_repeated_aside(db, source)


def _complete_import(
    db: duckdb.DuckDBPyConnection, source: DropFolderSource, result: FileResult, table: str, now: datetime
) -> None:
    fills = "".join(f", {column} = {expression}" for column, expression in result.fills.items())
    db.execute(
        f"update {source.dataset}.{table} set _source_file_id = ?, _loaded_at_utc = ?{fills} "
        "where _source_file_id is null",
        [result.file.file_id, now],
    )


def _supersede(db: duckdb.DuckDBPyConnection, source: DropFolderSource, settlement: Settlement) -> None:
    """Delete the rows of restated days. What was deleted earlier is remembered, so that days which are no longer
    restated (the newer delivery was itself replaced, or is gone) are noticed."""
    if source.find_superseded is None:
        return
    dataset = source.dataset
    due = _by_scope(source.find_superseded(registered_files(db, dataset)))
    applied = _by_scope(
        db.execute(f"select file_id, scope, coalesce(days, 0) from {dataset}._superseded_scopes").fetchall()
    )
    settlement.revived_file_ids = {key[0] for key, days in applied.items() if days & ~due.get(key, 0) or not days}
    fresh = {key: days & ~applied.get(key, 0) for key, days in due.items() if days & ~applied.get(key, 0)}
    if not fresh:
        return
    file_ids = sorted({file_id for file_id, _ in fresh})
    settlement.newly_superseded = len(file_ids)
    superseded_now = pa.table(
        {
            "superseded_file_id": pa.array([file_id for file_id, _ in fresh], pa.int64()),
            "superseded_scope": pa.array([scope for _, scope in fresh], pa.string()),
            "superseded_days": pa.array(fresh.values(), pa.int64()),
        }
    )
    db.register("superseded_now", superseded_now)
    for table, (scope, day) in source.scope_sql.items():
        db.execute(
            f"delete from {dataset}.{table} using superseded_now where _source_file_id = superseded_file_id "
            f"and ({scope}) = superseded_scope and (superseded_days >> ({day})) & 1 = 1"
        )
    db.execute(f"insert into {dataset}._superseded_scopes (file_id, scope, days) select * from superseded_now")
    note_rewritten(db, dataset, "select superseded_file_id from superseded_now")
    db.unregister("superseded_now")
    _count_again(db, source, file_ids)


def _by_scope(found: Iterable[Superseded]) -> dict[tuple[int, str], int]:
    days: dict[tuple[int, str], int] = {}
    for file_id, scope, bits in found:
        days[file_id, scope] = days.get((file_id, scope), 0) | bits
    return days


def _count_again(db: duckdb.DuckDBPyConnection, source: DropFolderSource, file_ids: list[int]) -> None:
    counted = " union all ".join(
        f"select _source_file_id as file_id, count(*) as rows_left from {source.dataset}.{table} "
        "where list_contains($1::bigint[], _source_file_id) group by 1"
        for table in source.scope_sql
    )
    db.execute(
        f"update {source.dataset}.files as f set row_count = coalesce(left_.n, 0), "
        "is_superseded = coalesce(left_.n, 0) = 0 from (select ids.file_id, sum(rows_left)::bigint as n "
        f"from (select unnest($1::bigint[]) as file_id) as ids left join ({counted}) as c using (file_id) group by 1) "
        "as left_ where f.file_id = left_.file_id",
        [file_ids],
    )
