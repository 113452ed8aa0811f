"""Copies the marts into `published/marts.duckdb` and one Parquet file per mart, each swapped in atomically.

Put here: the copy. Keep out: choosing what is a mart (everything in schema `marts` is).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestration.home.clock import utc_now
from orchestration.publishing.mart_health import HeldBack
from orchestration.publishing.mart_status import MART_SCHEMA, choose_sources
from orchestration.warehouse.connection import connect

VERSIONS_KEPT = 2
"""The version in use and the one before, which readers may still have open."""


@dataclass
class Publication:
    """What was published: rows by mart, and where."""

    database: Path
    parquet_dir: Path
    rows_by_mart: dict[str, int] = field(default_factory=dict)


def publish(
    warehouse: Path,
    published_dir: Path,
    held_back: Mapping[str, HeldBack] | None = None,
    *,
    now: datetime | None = None,
) -> Publication:
    """Publish every table and view of schema `marts`; of those in `held_back` (by name) the version of the copy before.

    `rpt_mart_status` says of each mart whether it is current, since when it is not, and why.
    Readers that have the old copy open keep it: the new file takes its name in one step. A crash leaves
    the old copy in place and a temporary file that the next call removes.
    """
    published_dir.mkdir(parents=True, exist_ok=True)
    parquet_dir = published_dir / "parquet"
    database = published_dir / "marts.duckdb"
    fresh_database = published_dir / ".marts.duckdb.next"
    fresh_parquet = published_dir / ".parquet.next"
    _remove(fresh_database, fresh_database.with_suffix(".next.wal"), fresh_parquet)
    fresh_parquet.mkdir()

    publication = Publication(database=database, parquet_dir=parquet_dir)
    connection = connect(":memory:")
    try:
        connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
        connection.execute(f"attach '{_quoted(fresh_database)}' as published")
        connection.execute(f"create schema published.{MART_SCHEMA}")
        sources = choose_sources(connection, database, held_back or {}, now or utc_now())
        for mart, source in sources.items():
            copy = f'published.{MART_SCHEMA}."{mart}"'
            connection.execute(f"create table {copy} as select * from {source}")
            target = _quoted(fresh_parquet / f"{mart}.parquet")
            connection.execute(f"copy {copy} to '{target}' (format parquet, compression zstd)")
            counted = connection.execute(f"select count(*) from {copy}").fetchone()
            publication.rows_by_mart[mart] = int(counted[0]) if counted else 0
        connection.execute("detach published")
    finally:
        connection.close()
    os.replace(fresh_database, database)
    _swap_parquet(fresh_parquet, parquet_dir)
    return publication


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
