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

from ingestion.landing.database import transaction
from ingestion.landing.noting import keep_file_notes
from ingestion.landing.reading import FileResult
from ingestion.landing.registry import registered_files
from ingestion.landing.source import DropFolderSource
from ingestion.landing.uniqueness import Repeats, make_unique


@dataclass
class Settlement:
    """What settling found: files whose superseded rows are due again, and repeats of unique ids."""

    revived_file_ids: set[int] = field(default_factory=set)
    newly_superseded: int = 0
    repeats: list[Repeats] = field(default_factory=list)


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
        _supersede(db, source, settlement)
        if load_id is not None:
            for table, column in source.unique_columns.items():
                settlement.repeats.append(make_unique(db, source.name, source.dataset, table, column, load_id, now))
            db.execute(f"insert into {source.dataset}._settled_loads values (?, ?)", [load_id, now])
    return settlement


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
    """Delete the rows of restated scopes. Pairs applied earlier are remembered, so that a pair that no
    longer holds (the newer delivery was itself replaced) is noticed."""
    if source.find_superseded is None:
        return
    dataset = source.dataset
    files = registered_files(db, dataset)
    due = set(source.find_superseded(files))
    applied = set(db.execute(f"select file_id, scope from {dataset}._superseded_scopes").fetchall())
    settlement.revived_file_ids = {file_id for file_id, _ in applied - due}
    fresh = sorted(due - applied)
    if not fresh:
        return
    settlement.newly_superseded = len({file_id for file_id, _ in fresh})
    db.execute("create or replace temp table superseded_now (superseded_file_id bigint, superseded_scope varchar)")
    db.executemany("insert into superseded_now values (?, ?)", fresh)
    for table, scope in source.scope_sql.items():
        db.execute(
            f"delete from {dataset}.{table} using superseded_now "
            f"where _source_file_id = superseded_file_id and ({scope}) = superseded_scope"
        )
    db.execute(f"insert into {dataset}._superseded_scopes select * from superseded_now")
    scopes = {file.file_id: file.scopes for file in files}
    for file_id in sorted({file_id for file_id, _ in fresh}):
        gone = {scope for each, scope in due if each == file_id}
        counted = " + ".join(
            f"(select count(*) from {dataset}.{table} where _source_file_id = {file_id})" for table in source.scope_sql
        )
        db.execute(
            f"update {dataset}.files set is_superseded = ?, row_count = {counted or 'row_count'} where file_id = ?",
            [scopes[file_id] <= gone, file_id],
        )
    db.execute("drop table superseded_now")
