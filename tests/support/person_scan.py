"""Looks for words of a person in everything that a home holds, packed or not.

Put here: the scan, which knows nothing of how anybody is replaced. Keep out: which words.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb


def with_keys(user: str, *others: str) -> tuple[str, ...]:
    """The words of somebody, with the key and the label that the warehouse makes of the id."""
    key = hashlib.md5(user.encode(), usedforsecurity=False).hexdigest()
    return (user, *others, key, f"user-{key[:8]}")


def where_found(home: Path, words: Iterable[str]) -> list[str]:
    """Every file of a home that has one of the words as a whole: as bytes, unpacked, and in each table of it."""
    every = {word: re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in words}

    def tells(text: str) -> bool:
        lowered = text.lower()  # most words are nowhere, which this says ten times as fast
        return any(word.lower() in lowered and pattern.search(text) for word, pattern in every.items())

    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.is_symlink() and any(map(tells, _texts(path)))
    ]


def _texts(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield str(duckdb.sql(f"select * from '{path}'").fetchall())
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                rows = connection.execute(f'select to_json(t)::varchar from "{schema}"."{table}" as t').fetchall()
                yield "\n".join(row[0] for row in rows)
    elif content.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as database:
            for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
                yield str(database.execute(f'select * from "{table}"').fetchall())
