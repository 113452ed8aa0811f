"""Sees that an id occurs once among all landed files, whatever the order in which they came.

Of several rows with one id the row of the smallest file path (then row number) stays. Where model and input counts
are equal they are snapshots of one call, of which the one with the largest output stays. The others move to
`_duplicate_<table>`: with equal content they are counted once, with other content they are quarantined too.
When the file that owned an id is replaced, the next in line comes back from there.

Put here: ids. Keep out: formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.raw_schemas import DUCKDB_TYPES, PROVENANCE, RAW_SCHEMAS, TOKEN_COLUMNS


@dataclass(frozen=True)
class Repeats:
    """Rows set aside that touch the files of one load: equal ones and conflicting ones."""

    identical: int = 0
    conflicting: int = 0


def make_unique(
    db: duckdb.DuckDBPyConnection, source: str, dataset: str, table: str, column: str, load_id: str, now: datetime
) -> Repeats:
    """Leave one row per id in `dataset.table`, looking only at ids that the load's files touch."""
    rows, aside = f"{dataset}.{table}", f"{dataset}._duplicate_{table}"
    _ensure_aside(db, dataset, table)
    db.execute(
        f"create or replace temp table new_files as select file_id from {dataset}.files where _dlt_load_id = ?",
        [load_id],
    )
    db.execute("create or replace temp table contested (id varchar)")
    if _may_repeat(db, rows, aside, column):
        new_ids = f"(select {column} from {rows} where _source_file_id in (select file_id from new_files))"
        db.execute(
            f"""insert into contested
            select {column} from {rows} where {column} in {new_ids} group by {column} having count(*) > 1
            union select {column} from {aside} where {column} in {new_ids}
            union select {column} from {aside} where {column} not in (select {column} from {rows})"""
        )
    repeats = Repeats()
    if db.execute("select count(*) from contested").fetchone()[0]:
        _reassign(db, dataset, table, rows, aside, column)
        _quarantine_conflicts(db, source, dataset, table, column, now)
        repeats = _count(db, dataset, table, rows, aside, column)
    for each in ("new_files", "contested"):
        db.execute(f"drop table {each}")
    return repeats


def _ensure_aside(db: duckdb.DuckDBPyConnection, dataset: str, table: str) -> None:
    body = ", ".join(f'"{name}" {DUCKDB_TYPES[kind]}' for name, kind in RAW_SCHEMAS[dataset][table].items())
    db.execute(f"create table if not exists {dataset}._duplicate_{table} ({body}, _dlt_load_id varchar)")


def _may_repeat(db: duckdb.DuckDBPyConnection, rows: str, aside: str, column: str) -> bool:
    """A cheap look by 64-bit hash: false only when no id of the new files occurs anywhere else."""
    is_new = "_source_file_id in (select file_id from new_files)"
    total, fresh, distinct = db.execute(
        f"select (select count(*) from {rows}), count(*), count(distinct hash({column})) from {rows} where {is_new}"
    ).fetchone()
    if distinct < fresh or db.execute(f"select count(*) from {aside}").fetchone()[0]:
        return True
    if total == fresh:
        return False
    hashes = f"select hash({column}) from {rows} where"
    return bool(
        db.execute(
            f"select exists(from {rows} where not {is_new} and hash({column}) in ({hashes} {is_new}))"
        ).fetchone()[0]
    )


def _content(dataset: str, table: str, alias: str) -> str:
    """A row expression over everything but provenance."""
    columns = [name for name in RAW_SCHEMAS[dataset][table] if name not in PROVENANCE]
    return "row(" + ", ".join(f'{alias}."{name}"' for name in columns) + ")"


_INPUT_SIDE = tuple(name for name in TOKEN_COLUMNS if "output" not in name)
_OUTPUT_SIDE = tuple(name for name in TOKEN_COLUMNS if "output" in name)


_LOGS = (
    "provider_bodies claude_code codex bedrock vertex otel",
    "litellm langfuse langsmith posthog helicone portkey openrouter",
)
_READ_FROM_LOGS = f"({', '.join(repr(name) for names in _LOGS for name in names.split())})"
"""Sources whose ids the provider or tool gives: two rows of one id are the call at two moments. Elsewhere they
contradict."""


def _is_log(alias: str) -> str:
    return f"coalesce({alias}.event_source in {_READ_FROM_LOGS}, false)"


def _call(table: str, alias: str) -> str:
    """An expression that is equal for snapshots of one call; for other tables nothing is a snapshot."""
    if table != "requests":
        return "0"
    sizes = ", ".join(f"coalesce({alias}.{name}, 0)" for name in _INPUT_SIDE)
    return f"row({_is_log(alias)}, coalesce({alias}.served_model, {alias}.requested_model), {sizes})"


def _output(table: str, alias: str) -> str:
    """How much a row says was written, where that tells the later of two snapshots."""
    if table != "requests":
        return "0"
    written = " + ".join(f"coalesce({alias}.{name}, 0)" for name in _OUTPUT_SIDE)
    return f"case when {_is_log(alias)} then {written} else 0 end"


def _is_conflict(dataset: str, table: str) -> str:
    """Whether a loser says something else than the winner, and is no earlier snapshot of the same call."""
    differs = f"{_content(dataset, table, 'loser')} is distinct from {_content(dataset, table, 'winner')}"
    if table != "requests":
        return differs
    same_call = f"{_call(table, 'loser')} is not distinct from {_call(table, 'winner')}"
    return f"({differs} and not ({same_call} and {_is_log('loser')}))"


def _reassign(db: duckdb.DuckDBPyConnection, dataset: str, table: str, rows: str, aside: str, column: str) -> None:
    contested = f"{column} in (select id from contested)"
    db.execute(
        f"""create or replace temp table pool as
        select * exclude (_first, _path, _output), row_number() over (
            partition by {column} order by _first, _output desc, _path, _source_row nulls last, hash(ranked)
        ) as _rank
        from (
            select candidate.*, files.path as _path, {_output(table, "candidate")} as _output,
                min(struct_pack(path := files.path, row_number := coalesce(candidate._source_row, 0))) over (
                    partition by candidate.{column}, {_call(table, "candidate")}) as _first
            from (from {rows} where {contested} union all by name from {aside} where {contested}) as candidate
            join {dataset}.files on files.file_id = candidate._source_file_id
        ) as ranked"""
    )
    for target, condition in ((rows, "_rank = 1"), (aside, "_rank > 1")):
        db.execute(f"delete from {target} where {contested}")
        db.execute(f"insert into {target} by name select * exclude (_rank) from pool where {condition}")
    db.execute(
        f"""update {dataset}.files set row_count = (
            select count(*) from {rows} where {rows}._source_file_id = files.file_id)
        where file_id in (select _source_file_id from pool)"""
    )
    db.execute("drop table pool")


def _quarantine_conflicts(
    db: duckdb.DuckDBPyConnection, source: str, dataset: str, table: str, column: str, now: datetime
) -> None:
    """Write the quarantine's rows about repeated ids anew: what conflicts depends on who owns the id."""
    reason = f"duplicate_{column}"
    touched = f"select _source_file_id from {dataset}.quarantine where reason = '{reason}'"
    db.execute(f"create or replace temp table recounted as {touched}")
    db.execute(f"delete from {dataset}.quarantine where reason = '{reason}'")
    db.execute(
        f"""insert into {dataset}.quarantine by name
        select '{source}/' || files.source_format as source, files.path as file_path, files.file_id as _source_file_id,
            loser._source_row as row_number, '{column}' as field, '{reason}' as reason,
            'the {column} ' || loser.{column} || ' was already landed from ' || owner_file.path
                || coalesce(' row ' || winner._source_row, '')
                || ' with other values; give each row an id of its own or remove the row that is wrong' as message,
            json_merge_patch('{{}}', to_json({_fields(dataset, table)})) as original_record,
            ?::timestamp as quarantined_at_utc, files._dlt_load_id
        from {dataset}._duplicate_{table} as loser
        join {dataset}.{table} as winner on winner.{column} = loser.{column}
        join {dataset}.files on files.file_id = loser._source_file_id
        join {dataset}.files as owner_file on owner_file.file_id = winner._source_file_id
        where {_is_conflict(dataset, table)}""",
        [now],
    )
    db.execute(f"insert into recounted {touched}")
    db.execute(
        f"""update {dataset}.files set quarantined_row_count = (
            select count(*) from {dataset}.quarantine where quarantine._source_file_id = files.file_id)
        where file_id in (select _source_file_id from recounted)"""
    )
    db.execute("drop table recounted")


def _fields(dataset: str, table: str) -> str:
    columns = [name for name in RAW_SCHEMAS[dataset][table] if name not in PROVENANCE]
    return "{" + ", ".join(f"'{name}': loser.\"{name}\"" for name in columns) + "}"


def _count(db: duckdb.DuckDBPyConnection, dataset: str, table: str, rows: str, aside: str, column: str) -> Repeats:
    identical, conflicting = db.execute(
        f"""select count(*) filter (where not differs), count(*) filter (where differs) from (
            select {_is_conflict(dataset, table)} as differs
            from {aside} as loser join {rows} as winner on winner.{column} = loser.{column}
            where loser._source_file_id in (select file_id from new_files)
               or winner._source_file_id in (select file_id from new_files))"""
    ).fetchone()
    return Repeats(identical, conflicting)
