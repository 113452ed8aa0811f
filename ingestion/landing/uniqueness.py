"""Sees that an id occurs once among all landed files, whatever the order in which they came.

Of several rows with one id the row of the smallest file path (then row number) stays, those of traces after all others.
Where model and input counts are equal they are snapshots of one call, of which the one with the largest output stays.
The others move to `_duplicate_<table>`: with equal content they are counted once, with other content they are
quarantined too. When the file that owned an id is replaced, the next in line comes back from there.

A log in which one id stands for calls of other times and other inputs loses none: such a call gets a hash behind its id
(`TOLD_APART`), the same whatever the order of files.

Put here: ids. Keep out: formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingestion.landing.registry import note_rewritten
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from ingestion.vocabulary.raw_types import PROVENANCE
from ingestion.vocabulary.refusals import code_of
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS


@dataclass(frozen=True)
class Repeats:
    """Rows set aside that touch the files of one load: equal ones and conflicting ones."""

    identical: int = 0
    conflicting: int = 0
    told_apart: int = 0
    """Calls that share an id with another one of the same source and count all the same."""


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
        given = _given(table, column)
        new_ids = f"(select {given} from {rows} where _source_file_id in (select file_id from new_files))"
        db.execute(
            f"""insert into contested
            select {given} from {rows} where {given} in {new_ids} group by all having count(*) > 1
            union select {given} from {aside} where {given} in {new_ids}
            union select {given} from {aside} where {column} not in (select {column} from {rows})"""
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


_LOGS = "provider_bodies claude_code codex bedrock vertex otel openrouter"
"""Logs and exports with ids that the provider gives, the same in all of them."""
_TOOLS = "litellm langfuse langsmith posthog helicone portkey"
"""Tools with ids of their own: two of them that share one may tell of two things."""


def _listed(names: str) -> str:
    return f"({', '.join(map(repr, names.split()))})"


def _is_log(alias: str) -> str:
    """Whether two rows of one id can be the call at two moments. Elsewhere they contradict."""
    return f"coalesce({alias}.event_source in {_listed(f'{_LOGS} {_TOOLS}')}, false)"


def _call(table: str, alias: str) -> str:
    """An expression that is equal for snapshots of one call; for other tables nothing is a snapshot."""
    if table != "requests":
        return "0"
    sizes = ", ".join(f"coalesce({alias}.{name}, 0)" for name in _INPUT_SIDE)
    giver = f"case when {alias}.event_source not in {_listed(_LOGS)} then {alias}.event_source end"
    return f"row({_is_log(alias)}, {giver}, coalesce({alias}.served_model, {alias}.requested_model), {sizes})"


def _output(table: str, alias: str) -> str:
    """How much a row says was written, where that tells the later of two snapshots."""
    if table != "requests":
        return "0"
    written = " + ".join(f"coalesce({alias}.{name}, 0)" for name in _OUTPUT_SIDE)
    return f"case when {_is_log(alias)} then {written} else 0 end"


APART = "interval 1 minute"
"""Two logs of one call may differ by as much; calls of one id and other input that are further apart are several."""
_TRACE = "otel"
"""What an instrumentation saw of a call: of logs of one call it tells the least (no tier, no searches)."""


def _is_told_twice() -> str:
    """Whether two logs tell one call of a provider's id in two ways: at one time, of as much input and output."""
    sums = [f"({' + '.join(f'coalesce(loser.{name}, 0)' for name in side)})" for side in (_INPUT_SIDE, _OUTPUT_SIDE)]
    same = " and ".join(f"{each} = {each.replace('loser.', 'winner.')}" for each in sums)
    logs = _listed(_LOGS)
    return f"""coalesce(loser.event_source in {logs} and winner.event_source in {logs}
        and loser.event_source <> winner.event_source and {same}
        and abs(epoch(loser.requested_at_utc) - epoch(winner.requested_at_utc)) <= epoch({APART}), false)"""


def _is_conflict(dataset: str, table: str) -> str:
    """Whether a loser says something else than the winner, and neither is an earlier snapshot of the same call nor
    tells it in another way."""
    differs = f"{_content(dataset, table, 'loser')} is distinct from {_content(dataset, table, 'winner')}"
    if table != "requests":
        return differs
    same_call = f"{_call(table, 'loser')} is not distinct from {_call(table, 'winner')}"
    return f"({differs} and not ({same_call} and {_is_log('loser')}) and not {_is_told_twice()})"


TOLD_APART = "##"
"""Between the id that a source gave and the hash that tells its calls apart."""


def _given(table: str, column: str, alias: str = "") -> str:
    """The id as the source gave it. Ids of users' own may hold the mark, and stay as they are."""
    name = f"{alias}.{column}" if alias else column
    if table != "requests":
        return name
    is_ours = f"contains({name}, '{TOLD_APART}') and regexp_matches({name}, '{TOLD_APART}[0-9a-f]{{12}}$')"
    is_ours += f" and {alias + '.' if alias else ''}event_source in {_listed(f'{_LOGS} {_TOOLS}')}"
    return f"case when {is_ours} then left({name}, length({name}) - {len(TOLD_APART) + 12}) else {name} end"


def _is_other_call(table: str) -> str:
    """Whether a row of `located` is another call than its id's owner: of the same log, another time and input."""
    if table != "requests":
        return "false"
    return f"""{_is_log("located")} and event_source = first_value(event_source) over owner
        and _call is distinct from first_value(_call) over owner
        and abs(epoch(_at) - epoch(first_value(_at) over owner)) > epoch({APART})"""


def _reassign(db: duckdb.DuckDBPyConnection, dataset: str, table: str, rows: str, aside: str, column: str) -> None:
    given = _given(table, column)
    contested = f"{given} in (select id from contested)"
    moment = "requested_at_utc" if table == "requests" else "null::timestamp"
    is_trace = f"(candidate.event_source is not distinct from '{_TRACE}')" if table == "requests" else "false"
    db.execute(
        f"""create or replace temp table pool as
        with located as (
            select candidate.* replace ({_given(table, column, "candidate")} as {column}), files.path as _path,
                {_output(table, "candidate")} as _output, {_call(table, "candidate")} as _call,
                {is_trace} as _is_trace,
                min(struct_pack(
                    is_trace := {is_trace}, path := files.path, row_number := coalesce(candidate._source_row, 0)
                )) over same as _first,
                min({moment}) over same as _at
            from (from {rows} where {contested} union all by name from {aside} where {contested}) as candidate
            join {dataset}.files on files.file_id = candidate._source_file_id
            window same as (partition by {_given(table, column, "candidate")}, {_call(table, "candidate")})
        ), told as (
            select *, case when {_is_other_call(table)}
                then '{TOLD_APART}' || substr(md5(_at::varchar || _call::varchar), 1, 12) else '' end as _apart
            from located
            window owner as (
                partition by {column} order by _first rows between unbounded preceding and unbounded following
            )
        )
        select * exclude (_first, _path, _output, _call, _at, _apart, _is_trace)
            replace ({column} || _apart as {column}),
            row_number() over (
                partition by {column}, _apart
                order by _first, _output desc, _is_trace, _path, _source_row nulls last, hash(told)
            ) as _rank
        from told"""
    )
    for target, condition in ((rows, "_rank = 1"), (aside, "_rank > 1")):
        db.execute(f"delete from {target} where {contested}")
        db.execute(f"insert into {target} by name select * exclude (_rank) from pool where {condition}")
    db.execute(
        f"""update {dataset}.files set row_count = (
            select count(*) from {rows} where {rows}._source_file_id = files.file_id)
        where file_id in (select _source_file_id from pool)"""
    )
    note_rewritten(db, dataset, "select _source_file_id from pool")
    db.execute("drop table pool")


def _quarantine_conflicts(
    db: duckdb.DuckDBPyConnection, source: str, dataset: str, table: str, column: str, now: datetime
) -> None:
    """Write the quarantine's rows about repeated ids anew: what conflicts depends on who owns the id."""
    reason = code_of(f"duplicate_{column}")
    touched = f"select _source_file_id from {dataset}.quarantine where reason = '{reason}' and field = '{column}'"
    db.execute(f"create or replace temp table recounted as {touched}")
    db.execute(f"delete from {dataset}.quarantine where reason = '{reason}' and field = '{column}'")
    db.execute(
        f"""insert into {dataset}.quarantine by name
        select '{source}/' || files.source_format as source, files.path as file_path, files.file_id as _source_file_id,
            loser._source_row as row_number, '{column}' as field, '{reason}' as reason,
            'the {column} ' || loser.{column} || ' was already landed from ' || owner_file.path
                || coalesce(' row ' || winner._source_row, '')
                || ' with other values; give each row an id of its own or remove the row that is wrong '
                || '(duplicate_{column})' as message,
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
    apart = 0
    if table == "requests":
        apart = db.execute(
            f"""select count(*) from {rows} where {_given(table, column)} <> {column}
            and {_given(table, column)} in (select id from contested)"""
        ).fetchone()[0]
    identical, conflicting = db.execute(
        f"""select count(*) filter (where not differs), count(*) filter (where differs) from (
            select {_is_conflict(dataset, table)} as differs
            from {aside} as loser join {rows} as winner on winner.{column} = loser.{column}
            where loser._source_file_id in (select file_id from new_files)
               or winner._source_file_id in (select file_id from new_files))"""
    ).fetchone()
    return Repeats(identical, conflicting, apart)
