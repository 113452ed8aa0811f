"""One publication: what changed is loaded, shown in one transaction, and what nothing shows any more is dropped.

Put here: these steps and their order. Keep out: each of them (`loading`, `views`, `access`, `state`).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from orchestration.publishing.distribution import Delivery, TargetError
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.parts import quoted
from orchestration.publishing.targets.postgres.access import ensure_roles, function_statements, grant_statements
from orchestration.publishing.targets.postgres.loading import Loaded, load
from orchestration.publishing.targets.postgres.server import COPY, LOCKED, Server, text
from orchestration.publishing.targets.postgres.state import (
    Schema,
    State,
    StoredMart,
    StoredPart,
    ensure_state,
    read_state,
    state_statements,
)
from orchestration.publishing.targets.postgres.views import (
    comment_statement,
    definition,
    gate_statements,
    view_statements,
)

LOCK_WAIT_MS = 400
"""How long readers that come meanwhile may have to wait behind a publication that waits for one that is open. Shorter
than PostgreSQL's deadlock timeout: the publication gives way, never a reader."""
PATIENCE_SECONDS = 60.0
"""How long a publication tries again while a reader's transaction stays open."""
TEAMS_MART = "dim_teams"


def publish_to(
    server: Server, schema_name: str, contents: Mapping[str, str], patience: float = PATIENCE_SECONDS
) -> Delivery:
    """Bring a schema to the marts of the copy; `contents` says what each of them is made from."""
    schema = Schema(schema_name)
    with server.transaction():
        ensure_state(server, schema)
        server.run(*gate_statements(schema), *function_statements(schema))
    state = read_state(server, schema)
    notes = ensure_roles(server, schema, _teams(server, contents))
    loaded = load(server, schema, state, contents)
    comments = _comments(server)
    after = _state_after(schema, state, loaded, contents, comments)
    _show(server, schema, state, after, patience)
    _drop_unseen(server, schema)
    figures = {
        "marts": len(after.marts),
        "marts_written": len({part.mart for part in after.parts if part.first_version == after.version}),
        "parts_written": loaded.parts_written,
        "rows_written": loaded.rows_written,
    }
    return Delivery((*notes, *loaded.notes), figures)


def _teams(server: Server, contents: Mapping[str, str]) -> list[str]:
    if TEAMS_MART not in contents:
        return []
    query = f"select distinct team_id from {COPY}.{MART_SCHEMA}.{TEAMS_MART} where team_id is not null order by 1"
    return [team for (team,) in server.copy(query).fetchall()]


def _comments(server: Server) -> dict[str, tuple[str | None, dict[str, str | None]]]:
    """Of each mart of the copy and its columns."""
    found: dict[str, tuple[str | None, dict[str, str | None]]] = {
        mart: (words, {})
        for mart, words in server.copy(
            f"select table_name, comment from duckdb_tables() where database_name = '{COPY}' "
            f"and schema_name = '{MART_SCHEMA}'"
        ).fetchall()
    }
    columns = server.copy(
        f"select table_name, column_name, comment from duckdb_columns() where database_name = '{COPY}' "
        f"and schema_name = '{MART_SCHEMA}' order by table_name, column_index"
    ).fetchall()
    for mart, name, words in columns:
        found[mart][1][name] = words
    return found


def _state_after(
    schema: Schema,
    state: State,
    loaded: Loaded,
    contents: Mapping[str, str],
    comments: Mapping[str, tuple[str | None, dict[str, str | None]]],
) -> State:
    """What the database shall have: the new version, and what the one before it shows."""
    version = state.version + 1
    marts: dict[str, StoredMart] = {}
    parts: list[StoredPart] = []
    for mart, made_from in sorted(contents.items()):
        before = state.marts.get(mart)
        former = [part for part in state.parts if part.mart == mart]
        if mart in loaded.parts:
            columns, shown = loaded.columns[mart], loaded.parts[mart]
        elif before:
            columns, shown = before.columns, [part for part in former if part.last_version is None]
        else:
            continue
        tables = {part.table for part in shown}
        ended = [
            part if part.last_version is not None else replace(part, last_version=version - 1)
            for part in former
            if part.table not in tables
        ]
        is_same = before is not None and before.columns == columns
        kept = [part for part in ended if is_same and part.last_version == version - 1]
        gone = [part.last_version or 0 for part in ended if part not in kept]
        since = max([before.complete_since, *(last + 1 for last in gone)]) if before and is_same else version
        kept = [part for part in kept if (part.last_version or 0) >= since]
        parts += [*shown, *kept]
        body = definition(schema, columns, [*shown, *kept], since)
        words, of_columns = comments[mart]
        said = comment_statement(schema, mart, words, {name: of_columns.get(name) for name, _ in columns})
        marts[mart] = StoredMart(made_from, columns, since, body, said)
    return State(version, marts, tuple(parts))


def _show(server: Server, schema: Schema, before: State, after: State, patience: float) -> None:
    """Change every view that shall be another, in one transaction; give way to readers, and try again."""
    end = time.monotonic() + patience
    while True:
        try:
            with server.transaction():
                _swap(server, schema, before, after)
            return
        except TargetError as error:
            if not LOCKED.search(str(error)):
                raise
            if time.monotonic() > end:
                raise TargetError(
                    f"readers kept views of schema {schema.name} in open transactions for {patience:.0f} s "
                    "(pg_stat_activity shows who): what they see stays, the next run tries again"
                ) from None
            time.sleep(LOCK_WAIT_MS / 2000)


def _swap(server: Server, schema: Schema, before: State, after: State) -> None:
    internal = quoted(schema.internal)
    seen = server.rows(f"select version from {internal}.version for update")[0][0]
    if seen != before.version:
        raise TargetError(f"another publication to schema {schema.name} went on meanwhile; the next run tries again")
    _refuse_foreign(server, schema, after.marts.keys() - before.marts.keys())
    statements = [f"set local lock_timeout = {LOCK_WAIT_MS}", "set local client_min_messages = warning"]
    statements += [
        f"drop view {quoted(schema.name)}.{quoted(mart)}" for mart in sorted(before.marts.keys() - after.marts)
    ]
    for mart, stored in sorted(after.marts.items()):
        had = before.marts.get(mart)
        if had is None or had.definition != stored.definition:
            columns = had.columns if had else None
            statements += view_statements(schema, mart, columns, stored.columns, stored.definition)
        if had is None or had.columns != stored.columns or had.comments != stored.comments:
            statements.append(stored.comments)
    statements += state_statements(schema, after)
    statements += grant_statements(server, schema, [(mart, stored.columns) for mart, stored in after.marts.items()])
    server.run(*statements)


def _refuse_foreign(server: Server, schema: Schema, new: Collection[str]) -> None:
    """What others made in the schema is not written over."""
    if not new:
        return
    names = ", ".join(text(mart) for mart in sorted(new))
    theirs = server.rows(
        "select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        f"where n.nspname = {text(schema.name)} and c.relname in ({names}) order by 1"
    )
    if theirs:
        raise TargetError(
            f"{schema.name}.{theirs[0][0]} is there and was not made by a publication: rename it, or publish to "
            "another schema (COSTOPS_PUBLISH_POSTGRES_SCHEMA)"
        )


def _drop_unseen(server: Server, schema: Schema) -> None:
    """Drop tables that no version shows, and empty schemas; one that a reader still holds waits for the next time."""
    internal = quoted(schema.internal)
    pattern = text(schema.versions)
    unseen = server.rows(
        "select format('%I.%I', t.schemaname, t.tablename) as name from pg_tables t "
        f"where t.schemaname ~ {pattern} and not exists (select 1 from {internal}.parts p "
        "where p.table_name = concat('\"', t.schemaname, '\".\"', t.tablename, '\"')) order by 1"
    )
    for (name,) in unseen:
        with suppress(TargetError), server.transaction():
            server.run(f"set local lock_timeout = {LOCK_WAIT_MS}", f"drop table {name}")
    empty = server.rows(
        f"select quote_ident(nspname) as name from pg_namespace n where nspname ~ {pattern} "
        "and not exists (select 1 from pg_class c where c.relnamespace = n.oid)"
    )
    for (name,) in empty:
        with suppress(TargetError), server.transaction():
            server.run(f"drop schema {name}")
