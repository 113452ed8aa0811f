"""Whether what readers open holds anybody: every published table, file, page and report, word by word.

Put here: the search. Keep out: who people are (`people`), replacing anything (`forgetting`).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.home.lock import wait_until_free
from orchestration.identities.mentions import ATOM, Mentions, is_mention
from orchestration.identities.people import things_of
from orchestration.warehouse.connection import connect
from orchestration.warehouse.identity_tables import PEOPLE

FOLDERS = ("published", "reports", "docs", "dbt", "dagster")
"""Below the home: what readers open, and what a run leaves for whoever looks into it."""
PACKED = (".xlsx", ".zip", ".pdf", ".png", ".hyper", ".docx")
_FOUND = "\x00"


@dataclass(frozen=True)
class Looked:
    """What was looked for and in how many files."""

    words: int
    files: int


def people_in(settings: Settings) -> tuple[Looked, list[tuple[Path, str]]]:
    """What was looked for, and each file with the table and column, or the line, that holds somebody.

    Packed files (workbooks, PDF) hold figures of marts and are not opened. Nothing says who was found.

    Raises:
        WarehouseIsLockedError: a run holds the warehouse.
    """
    words = _words(settings)
    mentions = Mentions(words, lambda _: _FOUND, addresses=False)
    found, count = [], 0
    for path in _files(settings):
        count += 1
        places = _in_database(path, mentions) if path.suffix in (".duckdb", ".parquet") else _in_text(path, mentions)
        found += [(path, place) for place in places]
    return Looked(len(words), count), found


def _words(settings: Settings) -> list[str]:
    if not settings.warehouse_path.exists():
        return []
    wait_until_free(settings.warehouse_path, patience_seconds=2, tell=lambda _: None)
    connection = connect(settings.warehouse_path, read_only=True)
    try:
        things = things_of(connection)
        rows = connection.execute(f"select user_id from {PEOPLE}").fetchall()
        return [word for (word,) in rows if is_mention(word, things)]
    except duckdb.CatalogException:
        return []
    finally:
        connection.close()


def _files(settings: Settings) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((settings.home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix.lower() not in PACKED:
                yield path


def _in_database(path: Path, mentions: Mentions) -> Iterator[str]:
    connection = duckdb.connect()
    try:
        tables = {"rows": f"read_parquet('{_quoted(path)}')"}
        if path.suffix == ".duckdb":
            connection.execute(f"attach '{_quoted(path)}' as seen (read_only)")
            rows = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'seen'"
            ).fetchall()
            tables = {f"{schema}.{name}": f'seen."{schema}"."{name}"' for schema, name in rows}
        connection.execute("create temp table atoms as select unnest(?::varchar[]) as atom", [mentions.atoms])
        for table, relation in tables.items():
            for name, kind, *_ in connection.execute(f"describe select * from {relation}").fetchall():
                if kind == "VARCHAR" or kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "JSON")):
                    yield from _in_column(connection, relation, table, name, mentions)
    finally:
        connection.close()


def _in_column(
    connection: duckdb.DuckDBPyConnection, relation: str, table: str, name: str, mentions: Mentions
) -> Iterator[str]:
    texts = connection.execute(
        f'with texts as (select distinct "{name}"::varchar as text from {relation} where "{name}" is not null) '
        f"select distinct text from (select text, unnest(regexp_extract_all(lower(text), '{ATOM}')) as atom from texts)"
        " semi join atoms using (atom)"
    ).fetchall()
    count = sum(_FOUND in mentions.shown(text) for (text,) in texts)
    if count:
        yield f"{table}.{name} ({count} texts)"


def _in_text(path: Path, mentions: Mentions) -> Iterator[str]:
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
    for number, line in enumerate(content.decode("utf-8", "replace").replace(_FOUND, " ").splitlines(), 1):
        if _FOUND in mentions.shown(line):
            yield f"line {number}"
            return


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
