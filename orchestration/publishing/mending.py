"""Brings a large mart of the copy before to what it shall be by writing the days that differ, not all of them.

Days are told apart by their rows (a count and two sums of 64-bit hashes over every column), whatever they are made
from, so that a copy of unknown origin ends up the same.

Put here: which marts this is for, which days differ, changing them. Keep out: the copy itself (`published_copy`).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

import duckdb

from orchestration.publishing.parts import LARGE_ROWS, SUMS, quoted

DAY_COLUMN = "usage_date"
LARGEST_CHANGE = 0.5
"""Where more than this part of the rows lies in days that differ, writing all of them is as cheap."""
MOST_HOLES = 0.35
"""Of a file that is mended over and over: the part that is free, above which it is written anew."""
FEW_BLOCKS = 64
"""A file of 16 MiB: below, holes are no matter."""

Days = dict[object, tuple[int, int, int]]


class Mended(Enum):
    """What became of a mart."""

    SAME = "same"
    DAYS = "days"
    NOT = "not"


def mendable(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> dict[str, int]:
    """Marts of a database that are large and have days, with their rows as far as the catalogue knows."""
    rows = connection.execute(
        "select t.table_name, t.estimated_size from duckdb_tables() t join duckdb_columns() c "
        "on c.table_oid = t.table_oid and c.database_name = t.database_name "
        "where t.database_name = ? and t.schema_name = ? and c.column_name = ? and c.data_type = 'DATE' "
        "and t.estimated_size >= ?",
        [database, schema, DAY_COLUMN, LARGE_ROWS],
    ).fetchall()
    return dict(rows)


def is_worth_mending(connection: duckdb.DuckDBPyConnection, database: str, schema: str, stay: Collection[str]) -> bool:
    """Whether most rows of a database are in marts that stay or can be mended, and it is not full of holes."""
    sizes = connection.execute(
        "select table_name, estimated_size from duckdb_tables() where database_name = ? and schema_name = ?",
        [database, schema],
    ).fetchall()
    whole = sum(size for _, size in sizes)
    if not stay or sum(size for name, size in sizes if name in stay) < LARGEST_CHANGE * whole:
        return False
    free, blocks = connection.execute(
        "select free_blocks, total_blocks from pragma_database_size() where database_name = ?", [database]
    ).fetchall()[0]
    return blocks < FEW_BLOCKS or free <= MOST_HOLES * blocks


def mend(connection: duckdb.DuckDBPyConnection, table: str, source: str) -> Mended:
    """Make `table` hold the rows of `source`, in any order; `NOT` where writing it anew is due."""
    columns = connection.execute(f"describe {table}").fetchall()
    if [each[:2] for each in columns] != [each[:2] for each in connection.execute(f"describe {source}").fetchall()]:
        return Mended.NOT
    names = [name for name, *_ in columns]
    have, want = _days(connection, table, names), _days(connection, source, names)
    differ = [day for day in have.keys() | want.keys() if have.get(day) != want.get(day)]
    if not differ:
        return Mended.SAME
    if sum(want.get(day, have.get(day, (0,)))[0] for day in differ) > LARGEST_CHANGE * sum(
        n for n, *_ in want.values()
    ):
        return Mended.NOT
    condition = f"({quoted(DAY_COLUMN)} in (select unnest(?::date[])))"
    if None in differ:
        condition = f"({condition} or {quoted(DAY_COLUMN)} is null)"
    days = [day for day in differ if day is not None]
    connection.execute("begin")
    try:
        connection.execute(f"delete from {table} where {condition}", [days])
        connection.execute(f"insert into {table} select * from {source} where {condition}", [days])
        connection.execute("commit")
    except duckdb.Error:
        connection.execute("rollback")
        raise
    return Mended.DAYS


def _days(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> Days:
    """Rows and fingerprint of each day."""
    columns = ", ".join(quoted(name) for name in names)
    rows = connection.execute(
        f"select day, {SUMS} from (select {quoted(DAY_COLUMN)} as day, hash({columns}) as hashed from {table}) "
        "group by 1"
    ).fetchall()
    return {day: (count, one, two) for day, count, one, two in rows}
