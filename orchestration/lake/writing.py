"""Writes a lake outside a run: on demand, after somebody was forgotten, for another home from now on.

Put here: that. Keep out: what a run does (`keeping`).
"""

from __future__ import annotations

from collections.abc import Callable

from ingestion.config import Settings
from ingestion.lake.checking import Verified
from ingestion.lake.syncing import SyncReport, sync
from ingestion.lake.writer import Writer
from ingestion.landing.database import ensure_tables
from orchestration.home.clock import utc_now
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.lake.keeping import (
    LAKE_FAULTS,
    LastWriting,
    NoLakeError,
    address_of,
    lake_of,
    lake_tables,
    opened_lake,
    place_of,
    remember,
    time_text,
)
from orchestration.warehouse.connection import opened

Tell = Callable[[str], None]


def write(
    settings: Settings, tell: Tell, *, compare_all: bool = False, believe: bool = False, mend: Verified | None = None
) -> SyncReport:
    """Bring the lake up to date now. `mend`: objects that were found damaged are written again.

    Raises:
        NoLakeError: none is configured, or there is no warehouse to write from.
        HomeIsBusyError, WarehouseIsLockedError: somebody else has the home or its warehouse.
    """
    lake = lake_of(settings)
    if not settings.warehouse_path.exists():
        raise NoLakeError(
            f"{settings.home} has no warehouse: costops run makes one, costops lake restore reads it back"
        )
    with hold_home(settings):
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=tell)
        ensure_tables(settings.warehouse_path)
        now = utc_now()
        with opened(settings.warehouse_path) as connection:
            tables = lake_tables(connection)
            report = sync(
                connection, lake, tables, now, say=tell, compare_all=compare_all, believe=believe, mend=mend
            )  # fmt: skip
        remember(settings, LastWriting(time_text(now), report.version))
    return report


def purge_is_due(settings: Settings) -> None:
    """From now on the next writing looks at every row and leaves nothing of what was before, whatever happens."""
    if settings.lake_url:
        Writer(settings.home, place_of(settings)).remember(purge_due=True)


def purge(settings: Settings, tell: Tell) -> str | None:
    """Write what changed and take out everything that the new version does not need; why it could not be, in words.

    The home must be held.
    """
    if not settings.lake_url or not settings.warehouse_path.exists():
        return None
    try:
        lake = lake_of(settings)
        if lake.open() is None:
            return None
        with opened(settings.warehouse_path) as connection:
            report = sync(connection, lake, lake_tables(connection), utc_now(), say=tell)
    except LAKE_FAULTS as error:
        return _still(settings, str(error))
    return _still(settings, "; ".join(report.notes)) if report.notes else None


def _still(settings: Settings, why: str) -> str:
    then = "The next costops run, or costops lake sync, takes the person out"
    return f"the lake at {address_of(settings)} still has the person: {why}. {then}"


def adopt(settings: Settings) -> int:
    """Let this home write the lake; the version it takes over.

    Raises:
        NoLakeError: none is configured, or nothing is there.
    """
    with hold_home(settings):
        lake, manifest = opened_lake(settings)
        lake.adopt()
        return manifest.version
