"""Copies the marts into one database and one Parquet file per mart, each swapped in atomically.

Put here: the copy. Keep out: choosing what is a mart (everything in schema `marts` is).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.vocabulary.settings import PUBLISHED_DATABASE
from orchestration.home.clock import utc_now
from orchestration.publishing.descriptions import Description, describe
from orchestration.publishing.distribution import PublishedVersion
from orchestration.publishing.doubles import show_doubles
from orchestration.publishing.mart_health import HeldBack
from orchestration.publishing.mart_status import MART_SCHEMA, choose_sources
from orchestration.publishing.mending import Mended, is_worth_mending, mend, mendable
from orchestration.warehouse.connection import connect, on_threads_for

VERSIONS_KEPT = 2
"""The version in use and the one before, which readers may still have open."""

FORMER_DATABASE = "marts.duckdb"
"""What the database was called: whoever opens that name still finds the newest."""
BEFORE = "before"
"""The copy before is attached under this name."""
CONTENTS = "_contents.json"
"""What each published mart was made from, beside its Parquet files: hidden from readers who take `*.parquet`."""


@dataclass
class Publication:
    """What was published: rows by mart, which of them were written anew, and where."""

    database: Path
    parquet_dir: Path
    rows_by_mart: dict[str, int] = field(default_factory=dict)
    written: tuple[str, ...] = ()

    @property
    def version(self) -> PublishedVersion:
        """It as targets see it."""
        contents = published_contents(self.database.parent)
        return PublishedVersion(
            self.database, self.parquet_dir, {mart: contents.get(mart, "") for mart in self.rows_by_mart}
        )


def published_contents(published_dir: Path) -> dict[str, str]:
    """What each published mart was made from, by name; empty where nothing, or not all of it, is published."""
    parquet_dir = published_dir / "parquet"
    try:
        contents = json.loads((parquet_dir / CONTENTS).read_text())
        stamp = contents.pop("")
        if stamp != _stamp(published_dir / PUBLISHED_DATABASE):
            return {}
        return {mart: key for mart, key in contents.items() if (parquet_dir / f"{mart}.parquet").exists()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}


def publish(
    warehouse: Path,
    published_dir: Path,
    held_back: Mapping[str, HeldBack] | None = None,
    *,
    now: datetime | None = None,
    contents: Mapping[str, str] | None = None,
    descriptions: Mapping[str, Description] | None = None,
    has_doubles: bool = False,
) -> Publication:
    """Publish every table and view of schema `marts`; of those in `held_back` (by name) the version of the copy before.

    `contents` says what each mart is made from: one that is published from the same already is taken over as it is.
    Tables lie in schema `marts`; a view of the same name serves who names no schema; `descriptions` become comments.
    With `has_doubles` each stands once more with floating-point numbers.
    `rpt_mart_status` says of each mart whether it is current, since when it is not, and why.
    Readers that have the old copy open keep it: the new file takes its name in one step. A crash leaves
    the old copy in place and a temporary file that the next call removes.
    """
    published_dir.mkdir(parents=True, exist_ok=True)
    parquet_dir, database = published_dir / "parquet", published_dir / PUBLISHED_DATABASE
    fresh_database = published_dir / f".{PUBLISHED_DATABASE}.next"
    fresh_parquet = published_dir / ".parquet.next"
    _take_over(published_dir / FORMER_DATABASE, database)
    _remove(fresh_database, fresh_database.with_suffix(".next.wal"), fresh_parquet)
    fresh_parquet.mkdir()

    before, wanted = published_contents(published_dir), dict(contents or {})
    publication = Publication(database=database, parquet_dir=parquet_dir)
    connection = on_threads_for(warehouse, connect(":memory:"))
    try:
        connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
        sources = choose_sources(connection, database, held_back or {}, now or utc_now())
        kept = {mart for mart in sources if mart in before and wanted.get(mart) == before[mart]}
        by_day = _mendable(connection, sources, kept)
        if not is_worth_mending(connection, BEFORE, MART_SCHEMA, kept | by_day):
            kept, by_day = set(), set()
        written = [mart for mart in sources if mart not in kept]
        if kept or by_day:
            shutil.copyfile(database, fresh_database)
        connection.execute(f"attach '{_quoted(fresh_database)}' as published")
        connection.execute(f"create schema if not exists published.{MART_SCHEMA}")
        for mart in _tables(connection) - sources.keys() | set(written) - by_day:
            connection.execute(f'drop table if exists published.{MART_SCHEMA}."{mart}"')
        for mart in written:
            copy = f'published.{MART_SCHEMA}."{mart}"'
            mended = mend(connection, copy, sources[mart]) if mart in by_day else Mended.NOT
            if mended is Mended.SAME and mart in before:
                kept.add(mart)
                continue
            if mended is Mended.NOT:
                connection.execute(f"create or replace table {copy} as select * from {sources[mart]}")
            target = _quoted(fresh_parquet / f"{mart}.parquet")
            connection.execute(f"copy {copy} to '{target}' (format parquet, compression zstd)")
        for mart in sources:
            counted = connection.execute(f'select count(*) from published.{MART_SCHEMA}."{mart}"').fetchone()
            publication.rows_by_mart[mart] = int(counted[0]) if counted else 0
        connection.execute("use published")
        describe(connection, sources, descriptions or {})
        show_doubles(connection, sources, is_wanted=has_doubles)
        connection.execute("use memory")
        connection.execute("detach published")
    finally:
        connection.close()
    for mart in kept:
        _link(parquet_dir / f"{mart}.parquet", fresh_parquet / f"{mart}.parquet")
    made_from = {mart: key for mart, key in wanted.items() if mart in sources and mart not in (held_back or {})}
    made_from |= {mart: before[mart] for mart in held_back or {} if mart in before and mart in sources}
    (fresh_parquet / CONTENTS).write_text(json.dumps(made_from | {"": _stamp(fresh_database)}))
    os.replace(fresh_database, database)
    _swap_parquet(fresh_parquet, parquet_dir)
    publication.written = tuple(mart for mart in written if mart not in kept)
    return publication


def _mendable(connection: duckdb.DuckDBPyConnection, sources: Mapping[str, str], kept: set[str]) -> set[str]:
    """Marts whose changed days can be written into the copy before, all others staying as they are."""
    changed = {mart for mart, source in sources.items() if source.startswith("warehouse.") and mart not in kept}
    return changed & mendable(connection, BEFORE, MART_SCHEMA).keys()


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'published' and schema_name = ?", [MART_SCHEMA]
    ).fetchall()
    return {name for (name,) in rows}


def _stamp(database: Path) -> str:
    """Tells one published database from the next; a rename keeps it."""
    found = database.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _take_over(former: Path, database: Path) -> None:
    """Give the database of an earlier version its name of today, and let its former name lead to it."""
    if former.is_symlink() or not former.exists():
        return
    if database.exists():
        former.unlink()
    else:
        os.replace(former, database)
    former.symlink_to(database.name)


def _link(source: Path, target: Path) -> None:
    """The same file under another version, without a copy where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _swap_parquet(fresh: Path, current: Path) -> None:
    """Make `current` a link to a folder of its own for this version, in one step; the version before stays readable."""
    versions = current.with_name("parquet_versions")
    versions.mkdir(exist_ok=True)
    newest = max((int(path.name) for path in versions.iterdir() if path.name.isdigit()), default=0) + 1
    os.replace(fresh, versions / str(newest))
    link = current.with_name(".parquet.link")
    link.unlink(missing_ok=True)
    link.symlink_to(Path(versions.name) / str(newest), target_is_directory=True)
    if current.is_dir() and not current.is_symlink():  # published by an older version of this program
        os.replace(current, versions / "0")
    os.replace(link, current)
    for path in versions.iterdir():
        if path.name.isdigit() and int(path.name) < newest - VERSIONS_KEPT + 1:
            shutil.rmtree(path, ignore_errors=True)


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
