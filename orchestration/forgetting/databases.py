"""A DuckDB or SQLite file without a person: rewritten into a new file, so that no freed block keeps what was there.

Put here: finding the words in tables, writing the file anew, comparing sums. Keep out: which files there are.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.forgetting.faults import CannotForgetError
from orchestration.forgetting.words import Person
from orchestration.publishing.parts import quoted
from orchestration.warehouse.identity_tables import SCHEMA as IDENTITY

_NUMBERS = ("DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "SMALLINT")


def rewrite_database(path: Path, person: Person) -> int:
    """Replace the person in every table of a DuckDB file; how many tables had it. The file takes its new content in one
    step, and only where counts and sums of every table are those of before.

    Raises:
        CannotForgetError: the file cannot be opened, or a sum would change.
    """
    copy, fresh = path.with_name(f".{path.name}.forgetting"), path.with_name(f".{path.name}.forgotten")
    for each in (copy, fresh, Path(f"{copy}.wal"), Path(f"{fresh}.wal")):
        each.unlink(missing_ok=True)
    try:
        shutil.copyfile(path, copy)
        log = Path(f"{path}.wal")
        if log.exists():
            shutil.copyfile(log, f"{copy}.wal")
        connection = duckdb.connect()
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{_text(copy)}' as old")
            before = _sums(connection, "old")
            changed = _replace(connection, person)
            if not changed:
                return 0
            _leave_people(connection, person)
            connection.execute(f"attach '{_text(fresh)}' as new")
            connection.execute("copy from database old to new")
            _comments(connection)
            if _sums(connection, "new") != before:
                raise CannotForgetError(f"{path}: sums would change; nothing was changed in it")
            connection.execute("checkpoint new")
            connection.execute("detach new")
        finally:
            connection.close()
        shutil.copymode(path, fresh)
        os.replace(fresh, path)
        log.unlink(missing_ok=True)
        return changed
    except duckdb.Error as error:
        raise CannotForgetError(f"{path}: {str(error).splitlines()[0][:300]}") from None
    finally:
        for each in (copy, fresh, Path(f"{copy}.wal"), Path(f"{fresh}.wal")):
            each.unlink(missing_ok=True)


def _replace(connection: duckdb.DuckDBPyConnection, person: Person) -> int:
    """Replace the person in every text of the attached `old`, in lists and structures too; how many tables had it."""
    tables: dict[tuple[str, str], list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select columns.schema_name, columns.table_name, column_name, data_type from duckdb_columns() as columns "
        "join duckdb_tables() as tables using (database_name, schema_name, table_name) where database_name = 'old'"
    ).fetchall()
    for schema, table, column, kind in rows:
        if kind in ("VARCHAR", "JSON") or _is_nested(kind):
            tables.setdefault((schema, table), []).append((column, kind))
    pattern = f"({'|'.join(_escaped(word) for word in person.every)})"
    changed = 0
    for (schema, table), columns in tables.items():
        name = f"old.{quoted(schema)}.{quoted(table)}"
        tests = (f"coalesce(bool_or(regexp_matches({_as_text(*each)}, $1, 'i')), false)" for each in columns)
        found = connection.execute(f"select {', '.join(tests)} from {name}", [pattern]).fetchone()
        hit = [each for each, is_there in zip(columns, found or (), strict=False) if is_there]
        for column, kind in hit:
            fresh = _mended_text(_as_text(column, kind), person)
            back = f"({fresh})::json::{kind}" if _is_nested(kind) else f"({fresh})::{kind}"
            connection.execute(
                f"update {name} set {quoted(column)} = {back} where regexp_matches({_as_text(column, kind)}, $1, 'i')",
                [pattern],
            )
        changed += bool(hit)
    return changed


def _leave_people(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Who is forgotten is nobody: no row of `identity.people` is left, only pseudonyms that stand for themselves. Texts
    are looked through anew by the next run."""
    known = "select 1 from duckdb_tables() where database_name = 'old' and schema_name = ? and table_name = 'people'"
    if not connection.execute(known, [IDENTITY]).fetchone():
        return
    gone = list(person.words.values())
    substitutes = f"old.{IDENTITY}.substitutes"
    connection.execute(f"delete from old.{IDENTITY}.people where user_id in (select unnest(?::varchar[]))", [gone])
    connection.execute(f"delete from {substitutes} where kind = 'text'")
    own = "delivered in (select unnest(?::varchar[]))"
    connection.execute(f"update {substitutes} set shown = delivered where {own}", [gone])
    connection.execute(f"delete from old.{IDENTITY}.looks")


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))


def _as_text(column: str, kind: str) -> str:
    return f"to_json({quoted(column)})::varchar" if _is_nested(kind) else f"{quoted(column)}::varchar"


def _mended_text(expression: str, person: Person) -> str:
    """SQL in which every word is replaced where it stands as a whole; twice, as two that follow each other share the
    character between them."""
    for word, new in person.every.items():
        found = f"(^|[^A-Za-z0-9_]){_literal(_escaped(word))}($|[^A-Za-z0-9_])"
        for _ in range(2):
            expression = f"regexp_replace({expression}, '{found}', '\\1{_literal(new)}\\2', 'gi')"
    return expression


def _sums(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Rows, and the sum of every number that adds up exactly, of each table but those that say who people are."""
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() as columns "
        "join duckdb_tables() as tables using (database_name, schema_name, table_name) "
        "where database_name = ? and schema_name <> ?",
        [database, IDENTITY],
    ).fetchall():
        columns.setdefault((schema, table), [])
        if kind.startswith(_NUMBERS):
            columns[schema, table].append(column)
    sums: dict[tuple[str, str], tuple[Any, ...]] = {}
    for (schema, table), names in columns.items():
        parts = ", ".join(["count(*)", *(f"sum({quoted(name)})"
                                         for name in names)])  # fmt: skip
        row = connection.execute(f"select {parts} from {database}.{quoted(schema)}.{quoted(table)}").fetchone()
        sums[schema, table] = tuple(row or ())
    return sums


def _comments(connection: duckdb.DuckDBPyConnection) -> None:
    """What tables, views and columns say of themselves: a copy of a database leaves it out."""
    for function, name in (("duckdb_tables", "table"), ("duckdb_views", "view")):
        rows = connection.execute(
            f"select schema_name, {name}_name, comment from {function}() "
            "where database_name = 'old' and comment is not null"
        ).fetchall()
        for schema, each, words in rows:
            connection.execute(f"comment on {name} new.{quoted(schema)}.{quoted(each)} is '{_literal(words)}'")
    statement = "select schema_name, table_name from duckdb_tables() where database_name = 'old'"
    tables = set(connection.execute(statement).fetchall())
    for schema, table, column, words in connection.execute(
        "select schema_name, table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'old' and comment is not null"
    ).fetchall():
        if (schema, table) in tables:
            target = f"new.{quoted(schema)}.{quoted(table)}.{quoted(column)}"
            connection.execute(f"comment on column {target} is '{_literal(words)}'")


def rewrite_parquet(path: Path, person: Person) -> bool:
    """Replace the person in a Parquet file; whether it had it."""
    connection = duckdb.connect()
    fresh = path.with_name(f".{path.name}.forgotten")
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as old")
        rows = f"read_parquet('{_text(path)}', hive_partitioning = false)"
        connection.execute(f"create table old.main.content as select * from {rows}")
        if not _replace(connection, person):
            return False
        connection.execute(f"copy old.main.content to '{_text(fresh)}' (format parquet, compression zstd)")
        shutil.copymode(path, fresh)
        os.replace(fresh, path)
        return True
    finally:
        connection.close()
        fresh.unlink(missing_ok=True)


def rewrite_sqlite(path: Path, person: Person) -> bool:
    """Replace the person in the texts of an SQLite file, and write it anew; whether it had it."""
    pattern = person.pattern()
    connection = sqlite3.connect(path, timeout=30)
    changed = False
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            if table.startswith("sqlite_"):
                continue
            cursor = connection.execute(f"select rowid, * from {quoted(table)}")
            names = [each[0] for each in cursor.description][1:]
            for row in cursor.fetchall():
                fresh = {name: _mended(value, person, pattern) for name, value in zip(names, row[1:], strict=True)}
                wrong = {name: new for (name, new), old in zip(fresh.items(), row[1:], strict=True) if new != old}
                if wrong:
                    changed = True
                    sets = ", ".join(f"{quoted(name)} = ?" for name in wrong)
                    connection.execute(f"update {quoted(table)} set {sets} where rowid = ?", [*wrong.values(), row[0]])
        connection.commit()
        if changed:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()
    return changed


def _mended(value: Any, person: Person, pattern: Any) -> Any:
    if isinstance(value, str) and pattern.search(value.encode("utf-8", "replace")):
        return person.replaced(value.encode("utf-8"), pattern).decode("utf-8")
    if isinstance(value, bytes) and pattern.search(value):
        return person.replaced(value, pattern)
    return value


def sums_of(path: Path) -> Mapping[tuple[str, str], tuple[Any, ...]]:
    """Rows and sums of every table of a DuckDB file."""
    connection = duckdb.connect()
    try:
        connection.execute(f"attach '{_text(path)}' as old (read_only)")
        return _sums(connection, "old")
    finally:
        connection.close()


def _escaped(word: str) -> str:
    return "".join(each if each.isalnum() or each in "_ " else f"\\{each}" if ord(each) < 128 else each
                   for each in word)  # fmt: skip


def _literal(text: str) -> str:
    return text.replace("'", "''")


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
