"""Looks for secrets in everything a home holds: files as they are, unpacked, and as rows of the databases they are.

Put here: reading and comparing. Keep out: which secrets, which home.
"""

from __future__ import annotations

import base64
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import duckdb

SQLITE = b"SQLite format 3\0"


def forms(secret: str) -> set[bytes]:
    """A secret as it is, as a part of an address, and in base64."""
    raw = secret.encode()
    return {raw, quote(secret, safe="").encode(), base64.b64encode(raw).rstrip(b"=")}


def findings(home: Path, secrets: Mapping[str, str], *, beside: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Each secret that is somewhere below `home`, with the place; what lies below the folders `beside` is left out."""
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    found: list[tuple[str, str]] = []
    read: set[tuple[object, ...]] = set()
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        if path.relative_to(home).parts[0] in beside:
            continue
        for place, content in contents(path, read):
            found += [
                (name, f"{path.relative_to(home)}{place}")
                for name, shapes in wanted.items()
                if any(shape in content for shape in shapes)
            ]
    return found


def contents(path: Path, read: set[tuple[object, ...]]) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file; then what compression, pages and encodings hide in it, of equal tables the first."""
    raw = path.read_bytes()
    yield "", raw
    if path.suffix == ".gz":
        yield " unpacked", _unpacked(raw)
    elif path.suffix == ".parquet":
        yield from _rows(duckdb.connect(), f"read_parquet('{path}')", read)
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as db:
            tables = db.execute(
                "select database_name, schema_name, table_name from duckdb_tables() where not internal order by all"
            ).fetchall()
            for names in tables:
                yield from _rows(db, ".".join(f'"{name}"' for name in names), read)
    elif raw.startswith(SQLITE):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
                rows = "\n".join(str(row) for row in db.execute(f'select * from "{table}"'))
                yield f" {table}", rows.encode()


def _unpacked(raw: bytes) -> bytes:
    """What gzip holds, as far as it goes."""
    found = []
    while raw:
        engine = zlib.decompressobj(31)
        found.append(engine.decompress(raw))
        raw = engine.unused_data
    return b"".join(found)


def _rows(db: duckdb.DuckDBPyConnection, relation: str, read: set[tuple[object, ...]]) -> Iterator[tuple[str, bytes]]:
    """Rows as text, unless equal ones were read: a warehouse, its last good copy and what is published share tables."""
    fingerprint = db.execute(f"select count(*), bit_xor(hash(t)), sum(hash(t)) from {relation} as t").fetchall()[0]
    if fingerprint in read:
        return
    read.add(fingerprint)
    cursor = db.execute(f"select t::varchar from {relation} as t")
    while chunk := cursor.fetchmany(50_000):
        yield f" {relation}", "\n".join(row for (row,) in chunk if row is not None).encode()
