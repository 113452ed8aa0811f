"""Makes a warehouse from the lake alone: every table that models read and no model builds.

The new file is filled beside the warehouse and takes its name when it is whole; the next run builds everything else.

Put here: which warehouse, what becomes of the one that is there. Keep out: reading the lake (`ingestion.lake`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.config import Settings
from ingestion.lake.restoring import fill
from ingestion.landing.shapes import FROM_FILES, ensure_shapes
from orchestration.home.last_good import set_aside
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.home.privacy import make_private
from orchestration.lake.keeping import opened_lake
from orchestration.warehouse.connection import opened
from orchestration.warehouse.kept import make_tables

Tell = Callable[[str], None]


class WarehouseIsThereError(Exception):
    """The warehouse has landed files."""


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    version: int
    written_at_utc: str
    tables: int
    rows: int
    aside: Path | None
    is_ours: bool
    """Whether this home writes the lake; else the next run is refused until it adopts it or has another address."""


def restore(settings: Settings, say: Tell, *, replace: bool = False) -> Restored:
    """Make the warehouse from the version in force. `replace` puts one that has landed files aside.

    Raises:
        NoLakeError: none is configured, or nothing is there.
        WarehouseIsThereError: the warehouse has landed files, and `replace` is not given.
        HomeIsBusyError, WarehouseIsLockedError: somebody else has the home or its warehouse.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    make_private(settings)
    with hold_home(settings):
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=say)
        lake, manifest = opened_lake(settings)
        if not replace and (files := _landed_files(settings)):
            raise WarehouseIsThereError(
                f"the warehouse has {files:,} landed files. Nothing was changed. With --replace it is put aside, and "
                "what only it has is no longer counted"
            )
        fresh = settings.warehouse_path.with_name("warehouse.restoring.duckdb")
        for each in (fresh, fresh.with_name(fresh.name + ".wal")):
            each.unlink(missing_ok=True)
        with opened(fresh) as connection:
            ensure_shapes(connection)
            make_tables(connection)
            counted = fill(connection, lake, say)
            connection.execute("checkpoint")
        aside = set_aside(settings) if settings.warehouse_path.exists() else None
        os.replace(fresh, settings.warehouse_path)
        return Restored(
            manifest.version, manifest.written_at_utc, len(counted), sum(counted.values()), aside, lake.is_ours
        )


def _landed_files(settings: Settings) -> int:
    if not settings.warehouse_path.exists():
        return 0
    with opened(settings.warehouse_path) as connection:
        count = 0
        for dataset in FROM_FILES:
            try:
                count += connection.execute(f"select count(*) from {dataset}.files").fetchall()[0][0]
            except duckdb.CatalogException:
                continue
        return count
