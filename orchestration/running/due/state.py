"""What the last build made and from what, kept in the warehouse beside the tables it speaks of.

One row of `build_state.built` per raw table, model, check and step: the key of what it was made from, and the content
of what it holds. The row is written after the thing and forgotten before it is made again: a build that is killed is
due.

Put here: reading and writing that schema. Keep out: what follows from it (`plan`), dbt's side of it
(`dbt_project/macros/engine/due.sql`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

LOAD_COLUMNS = ("_dlt_load_id", "_dlt_id")
"""Columns of raw tables that say which load wrote a row, and nothing about it."""
LOOK_COLUMNS = {"raw_landing.notes": ("last_seen_at_utc",)}
"""Columns by table that say when somebody last looked, which alone is no change."""
_UNKNOWN = "?"
_CREATE = (
    "create schema if not exists build_state",
    "create table if not exists build_state.built (node varchar, inputs_key varchar, content varchar, "
    "row_count bigint, columns varchar, relation varchar, built_at_utc timestamp)",
    "create table if not exists build_state.plan (node varchar, code_key varchar, reads varchar[], is_forced boolean)",
    # The order of what is read is that of the plan, which sorts it.
    f"""create or replace view build_state.due as
    with keys as (
        select
            plan.node,
            plan.is_forced,
            plan.code_key || coalesce(
                (
                    select string_agg(
                        ',' || read.id || '=' || coalesce(known.content, '{_UNKNOWN}'), '' order by read.id
                    )
                    from unnest(plan.reads) as read (id)
                    left join build_state.built as known on known.node = read.id
                ),
                ''
            ) as inputs_key
        from build_state.plan as plan
    )
    select
        keys.node,
        keys.inputs_key,
        built.inputs_key as built_from,
        keys.is_forced
            or built.inputs_key is distinct from keys.inputs_key
            or contains(keys.inputs_key, '={_UNKNOWN}') as is_due
    from keys
    left join build_state.built as built on built.node = keys.node""",
)
_SHAPES = """
    select c.schema_name || '.' || c.table_name,
        string_agg(column_name || ' ' || data_type, ', ' order by column_index) as columns,
        any_value(t.estimated_size) as row_count
    from duckdb_columns() as c
    left join duckdb_tables() as t
        on t.database_name = c.database_name and t.schema_name = c.schema_name and t.table_name = c.table_name
    where c.database_name = current_database()
    group by 1
"""


@dataclass(frozen=True)
class Content:
    """What is known of one table: its content as a key, and its rows."""

    content: str
    row_count: int | None


@dataclass(frozen=True)
class Change:
    """A raw table whose content is not what it was at the last look; `rows_before` is None where it was never seen."""

    table: str
    rows_before: int | None
    rows: int


def ready(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the schema where it is missing; one of another layout is dropped, and everything is due."""
    columns = connection.execute(
        "select string_agg(column_name, ',' order by column_index) from duckdb_columns() "
        "where schema_name = 'build_state' and table_name = 'built' and database_name = current_database()"
    ).fetchall()[0][0]
    if columns not in (None, "node,inputs_key,content,row_count,columns,relation,built_at_utc"):
        connection.execute("drop schema build_state cascade")
    for statement in _CREATE:
        connection.execute(statement)


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, Content]:
    """Content of everything that was noted, by node or source id."""
    rows = connection.execute("select node, content, row_count from build_state.built").fetchall()
    return {node: Content(content, count) for node, content, count in rows}


def note_contents(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str], now: datetime) -> list[Change]:
    """Read the content of raw or scored `tables` (`schema.table` by source id) and note it; returns what changed.

    A change is any difference in rows or columns beside the two that name the load.
    """
    known, shapes = contents(connection), _shapes(connection)
    changes = []
    connection.execute("begin")
    for key, table in sorted(tables.items()):
        if table not in shapes:
            connection.execute("delete from build_state.built where node = ?", [key])
            continue
        columns, _ = shapes[table]
        named = [each.split(" ", 1)[0] for each in columns.split(", ")]
        left_out = [name for name in (*LOAD_COLUMNS, *LOOK_COLUMNS.get(table, ())) if name in named]
        content = f"(select * exclude ({', '.join(left_out)}) from {table})" if left_out else table
        value, rows = connection.execute(
            f"select md5(?) || ':' || coalesce(sum(hash(content)::hugeint), 0), count(*) from {content} as content",
            [columns],
        ).fetchall()[0]
        before = known.get(key)
        if before is None or before.content != value:
            changes.append(Change(table, before.row_count if before else None, rows))
            connection.execute("delete from build_state.built where node = ?", [key])
            connection.execute(
                "insert into build_state.built values (?, '', ?, ?, ?, ?, ?)",
                [key, value, rows, columns, table, now],
            )
    connection.execute("commit")
    return changes


def note_part(connection: duckdb.DuckDBPyConnection, node: str, made_from: str, content: str) -> None:
    """Note the content of a part of a table, and the key of what it was taken from. Nothing was built by that."""
    connection.execute("begin")
    forget(connection, [node])
    connection.execute(
        "insert into build_state.built values (?, ?, ?, null, null, null, null)", [node, made_from, content]
    )
    connection.execute("commit")


def names_there(connection: duckdb.DuckDBPyConnection) -> Collection[str]:
    """`schema.name` of every table and view."""
    return _shapes(connection).keys()


def note_checks(connection: duckdb.DuckDBPyConnection, checks: Mapping[str, str], now: datetime) -> None:
    """Note checks that passed or warned (`pass`, `warn` by node id) on what is there; a failed one is made again."""
    for status in ("pass", "warn"):
        _note_done(connection, [key for key, each in checks.items() if each == status], status, now)


def note_step(connection: duckdb.DuckDBPyConnection, step: str, now: datetime) -> None:
    """Note that a step was done with what it reads now."""
    _note_done(connection, [step], "done", now)


def _note_done(connection: duckdb.DuckDBPyConnection, nodes: Collection[str], outcome: str, now: datetime) -> None:
    """Note of what has no table that it was done, and from what."""
    connection.execute("begin")
    forget(connection, nodes)
    connection.execute(
        "insert into build_state.built select node, inputs_key, ?, null, null, null, ? "
        "from build_state.due where list_contains(?, node)",
        [outcome, now, sorted(nodes)],
    )
    connection.execute("commit")


def warned(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of checks that warned when they were last made."""
    return [
        key for (key,) in connection.execute("select node from build_state.built where content = 'warn'").fetchall()
    ]


def outcomes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """`pass` or `warn` by id of every check that was made on what is there."""
    return dict(
        connection.execute("select node, content from build_state.built where content in ('pass', 'warn')").fetchall()
    )


def forget(connection: duckdb.DuckDBPyConnection, nodes: Collection[str]) -> None:
    """Make these due, whatever they were made from."""
    if nodes:
        connection.execute("delete from build_state.built where list_contains(?, node)", [sorted(nodes)])


def write_plan(connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[str, str, tuple[str, ...], bool]]) -> None:
    """Replace the plan: id, key of the code, ids read and whether it is to be made in any case, for each node."""
    node, code, reads, forced = zip(*rows, strict=True)
    table = pa.table(
        {
            "node": pa.array(node),
            "code_key": pa.array(code),
            "reads": pa.array([sorted(each) for each in reads], pa.list_(pa.string())),
            "is_forced": pa.array(forced, pa.bool_()),
        }
    )
    connection.execute("begin; delete from build_state.plan")
    connection.register("fresh_plan", table)
    connection.execute("insert into build_state.plan select * from fresh_plan")
    connection.unregister("fresh_plan")
    connection.execute("commit")


def due_nodes(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str | None]]:
    """Of the plan what is due as things stand now: what it would be made from and what it was made from, by id."""
    rows = connection.execute("select node, inputs_key, built_from from build_state.due where is_due").fetchall()
    return {node: (wanted, built) for node, wanted, built in rows}


def is_due(connection: duckdb.DuckDBPyConnection, node: str) -> bool:
    """Whether a node of the plan is due as things stand now; one that is not in the plan is."""
    known = "select is_due from build_state.due where node = ?"
    return connection.execute(known, [node]).fetchall() in ([], [(True,)])


def built_at(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When anything was last built; None for a home that never was."""
    return connection.execute("select max(built_at_utc) from build_state.built where inputs_key <> ''").fetchall()[0][0]


def changed_by_hand(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Tables and views that are not as the last build left them: `schema.name` and why, by node id.

    What was never built, or whose build did not end, is no change. A home that was never built has none.
    """
    if not connection.execute("from duckdb_tables() where schema_name = 'build_state'").fetchall():
        return {}
    shapes, found = _shapes(connection), {}
    rows = connection.execute(
        "select node, relation, row_count, columns from build_state.built "
        "where inputs_key <> '' and relation is not null"
    ).fetchall()
    for key, name, count, columns in rows:
        if reason := _difference_of(connection, shapes.get(name), name, count, columns):
            found[key] = (name, reason)
    return found


def _difference_of(
    connection: duckdb.DuckDBPyConnection,
    have: tuple[str, int | None] | None,
    name: str,
    count: int | None,
    columns: str | None,
) -> str | None:
    """How a table (a view where `columns` is None) differs from what was built."""
    is_view = columns is None
    if have is None:
        return f"the {'view' if is_view else 'table'} is gone"
    if is_view or have[1] is None:
        return None if is_view == (have[1] is None) else f"it is a {'table' if is_view else 'view'}"
    if have[0] != columns:
        return f"its columns are not those that were built ({_difference(columns or '', have[0])})"
    if (counted := _count(connection, name)) != count:
        return f"it has {counted:,} rows and was built with {count:,}"
    return None


def drop_changed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Drop what was changed by hand, so that it is built whole; says which and why."""
    found, shapes = changed_by_hand(connection), _shapes(connection)
    said = []
    for name, reason in found.values():
        if name in shapes:
            schema, _, table = name.partition(".")
            kind = "view" if shapes[name][1] is None else "table"
            connection.execute(f'drop {kind} {schema}."{table}" cascade')
        said.append(f"{name} was changed by hand: {reason}. It is built anew")
    forget(connection, found)
    return said


def _shapes(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, int | None]]:
    """Columns of every table and view; rows by estimate, None for a view."""
    return {name: (columns, rows) for name, columns, rows in connection.execute(_SHAPES).fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    schema, _, table = name.partition(".")
    return int(connection.execute(f'select count(*) from {schema}."{table}"').fetchall()[0][0])


def _difference(before: str, now: str) -> str:
    """The columns that one has and the other lacks; types such as DECIMAL(38,12) hold no blank after their comma."""
    had, have = set(before.split(", ")), set(now.split(", "))
    gone, new = sorted(had - have), sorted(have - had)
    words = [f"{sign} {column}" for sign, columns in (("without", gone), ("with", new)) for column in columns[:3]]
    return ", ".join(words) or "another order"
