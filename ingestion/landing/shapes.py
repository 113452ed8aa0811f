"""Sees that raw tables have the columns and the rows that landing gave them; what was changed by hand is landed again.

A column that is gone cannot be filled from the table itself: added again it would be empty for all rows landed before.
So the whole dataset is emptied and its files are landed anew. Where a file is no longer there to be read, nothing is
emptied and the landing refuses, which keeps the marts that read it at their last good version.

Put here: seeing it, emptying. Keep out: what dbt builds (`orchestration.running.due.state`), landing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

import duckdb

from ingestion.landing.registry import data_tables, forget, registered_files
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS, create_table_statements

NOTES_DATASET = "raw_landing"
FROM_FILES = tuple(dataset for dataset, tables in RAW_SCHEMAS.items() if "files" in tables)
SHAPE_TABLES = (
    "create schema if not exists raw_landing",
    "create table if not exists raw_landing._known_columns (dataset varchar, table_name varchar, column_name varchar)",
    "create table if not exists raw_landing._changed_by_hand (dataset varchar, what varchar)",
)
"""Which columns each table was given, and which datasets wait to be landed again."""
FILE_TABLES = {
    "_settled_loads": "load_id varchar, settled_at_utc timestamp",
    "_superseded_scopes": "file_id bigint, scope varchar, days bigint",
    "_rewritten": "file_id bigint, mark varchar",
}
"""Landing's own tables beside those of a file source (see `settling`)."""


class ChangedByHandError(RuntimeError):
    """A raw table was changed by hand and cannot be landed again from what is there."""


def ensure_shapes(db: duckdb.DuckDBPyConnection) -> None:
    """Create every raw schema, table and column that is missing; note which datasets lack what they had."""
    if _is_complete(db):
        return
    for statement in SHAPE_TABLES:
        db.execute(statement)
    changed = changes(db)
    for schema, name in _views(db):
        db.execute(f'drop view {schema}."{name}"')
    for dataset, what in changed:
        db.execute("insert into raw_landing._changed_by_hand values (?, ?)", [dataset, what])
    if any(dataset == NOTES_DATASET for dataset, _ in changed):
        _start_notes_again(db)
    _create(db)
    db.execute("delete from raw_landing._known_columns")
    names = ", ".join(f"('{dataset}', '{table}', '{column}')" for dataset, table, column, _ in _all_declared())
    db.execute(f"insert into raw_landing._known_columns values {names}")


def _is_complete(db: duckdb.DuckDBPyConnection) -> bool:
    """Whether all is there and as it should be, which most landings find."""
    if not _is_known(db):
        return False
    tables = set(db.execute("select schema_name, table_name from duckdb_tables()").fetchall())
    expected = {(dataset, table) for dataset in FROM_FILES for table in FILE_TABLES}
    declared = _all_declared()
    return (
        tables >= expected | {(dataset, table) for dataset, table, _, _ in declared}
        and set(_found_columns(db).items())
        >= {((dataset, table, column), kind) for dataset, table, column, kind in declared}
        and set(db.execute("from raw_landing._known_columns").fetchall()) == {column[:3] for column in declared}
    )


def _found_columns(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], str]:
    """The type of each column of the raw schemas, by schema, table and column."""
    rows = db.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and starts_with(schema_name, 'raw_')"
    ).fetchall()
    return {(schema, table, column): kind for schema, table, column, kind in rows}


@cache
def _all_declared() -> list[tuple[str, str, str, str]]:
    return [(dataset, *rest) for dataset in RAW_SCHEMAS for rest in _declared(dataset)]


def _declared(dataset: str) -> list[tuple[str, str, str]]:
    """Table, column and type of every column that a dataset has."""
    types = {
        table: {name: DUCKDB_TYPES[kind] for name, kind in columns.items()} | {"_dlt_load_id": "VARCHAR"}
        for table, columns in RAW_SCHEMAS[dataset].items()
    }
    return [(table, column, kind) for table, columns in types.items() for column, kind in columns.items()]


def changes(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """What of each dataset is not as landing left it; a column that no earlier run knew is new in this version."""
    known = set(db.execute("from raw_landing._known_columns").fetchall()) if _is_known(db) else set()
    views = _views(db)
    found = _found_columns(db)
    tables = {(schema, table) for schema, table, _ in found}
    changed: dict[tuple[str, str], None] = {}
    for dataset in RAW_SCHEMAS:
        for table, column, kind in _declared(dataset):
            have = found.get((dataset, table, column))
            if (dataset, table) in views:
                changed[dataset, f"{dataset}.{table}: it is a view"] = None
            elif have == kind:
                continue
            elif have is not None:
                changed[dataset, f"{dataset}.{table}: column {column} is {have} and was {kind}"] = None
            elif (dataset, table, column) in known:
                is_gone = (dataset, table) not in tables
                what = "the table is gone" if is_gone else f"column {column} is gone"
                changed[dataset, f"{dataset}.{table}: {what}"] = None
    return list(changed)


def _views(db: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Views that stand where a raw table should."""
    views = db.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
    return {(schema, name) for schema, name in views if name in RAW_SCHEMAS.get(schema, {})}


def _is_known(db: duckdb.DuckDBPyConnection) -> bool:
    found = db.execute("from duckdb_tables() where schema_name = 'raw_landing' and table_name = '_known_columns'")
    return bool(found.fetchall())


def _create(db: duckdb.DuckDBPyConnection) -> None:
    for statement in create_table_statements():
        db.execute(statement)
    present = set(db.execute("select schema_name, table_name, column_name from duckdb_columns()").fetchall())
    for dataset, tables in RAW_SCHEMAS.items():
        for table, column, kind in _declared(dataset):
            if (dataset, table, column) not in present:
                db.execute(f'alter table {dataset}.{table} add column "{column}" {kind}')
        if "files" in tables:
            for table, body in FILE_TABLES.items():
                db.execute(f"create table if not exists {dataset}.{table} ({body})")
            db.execute(f"alter table {dataset}._superseded_scopes add column if not exists days bigint")


def _start_notes_again(db: duckdb.DuckDBPyConnection) -> None:
    """Notes on files come with their files: all are landed again."""
    db.execute("drop table if exists raw_landing.notes")
    for dataset in FROM_FILES:
        db.execute("insert into raw_landing._changed_by_hand values (?, 'raw_landing.notes')", [dataset])
    db.execute("delete from raw_landing._changed_by_hand where dataset = 'raw_landing'")


def changed_by_hand(db: duckdb.DuckDBPyConnection, dataset: str) -> list[str]:
    """What was changed of a dataset that still waits to be landed again."""
    rows = db.execute(
        "select distinct what from raw_landing._changed_by_hand where dataset = ? order by 1", [dataset]
    ).fetchall()
    return [what for (what,) in rows]


def refuse_what_is_lost(
    db: duckdb.DuckDBPyConnection, dataset: str, lost: Iterable[str], what: Collection[str]
) -> None:
    """Stop before anything is emptied where a file of the dataset is no longer there.

    Raises:
        ChangedByHandError: naming table, file and remedy.
    """
    files = registered_files(db, dataset)  # which may be what was changed: then rows and paths are not known
    rows = {file.path: "its" if file.row_count is None else file.row_count for file in files}
    gone = sorted({path for path in lost if rows.get(path)}, key=str)
    if gone:
        raise ChangedByHandError(
            f"changed by hand: {'; '.join(what)}. Its rows cannot be landed again, as {len(gone)} of its files are "
            f"gone (such as {gone[0]}, {rows[gone[0]]} rows). Put them back and run again, or put the last good copy "
            "of the warehouse in place (costops repair --restore)"
        )


def start_again(db: duckdb.DuckDBPyConnection, dataset: str) -> None:
    """Empty a dataset, within a transaction: its tables are made anew and everything is landed again."""
    own = [*RAW_SCHEMAS[dataset], *(data_tables(dataset) if "files" in RAW_SCHEMAS[dataset] else [])]
    for table in dict.fromkeys([*own, *(FILE_TABLES if "files" in RAW_SCHEMAS[dataset] else [])]):
        db.execute(f'drop table if exists {dataset}."{table}"')
    _create(db)
    db.execute("delete from raw_landing._changed_by_hand where dataset = ?", [dataset])


def miscounted(db: duckdb.DuckDBPyConnection, dataset: str) -> dict[int, str]:
    """Landed files (path by id) that do not have the rows which landing counted: some were deleted or added by hand."""
    tables = [table for table in RAW_SCHEMAS[dataset] if table not in ("files", "quarantine")]
    counts = {"row_count": tables, "quarantined_row_count": ["quarantine"]}
    found: dict[int, str] = {}
    for column, counted in counts.items():
        rows = " union all ".join(
            f"select _source_file_id as file_id, count(*) as n from {dataset}.{table} group by 1" for table in counted
        )
        wrong = db.execute(
            f"select file_id, path from {dataset}.files left join (select file_id, sum(n) as n from ({rows}) "
            f"group by 1) using (file_id) where coalesce(n, 0) <> coalesce({column}, 0)"
        ).fetchall()
        found |= dict(wrong)
    return found


def forget_miscounted(db: duckdb.DuckDBPyConnection, dataset: str, on_disk: Collection[str]) -> tuple[int, list[str]]:
    """Forget miscounted files, so that they are landed again; says how many, and the paths of those that are gone."""
    wrong = miscounted(db, dataset)
    forget(db, dataset, [file_id for file_id, path in wrong.items() if path in on_disk])
    gone = sorted(path for path in wrong.values() if path not in on_disk)
    return len(wrong) - len(gone), gone
