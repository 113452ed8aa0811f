"""What a lake holds beside what the warehouse has, for somebody who asks.

Put here: putting it together. Keep out: words on a screen, looking itself (`ingestion.lake.checking`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestion.config import Settings
from ingestion.lake.checking import Verified, differences, verify
from ingestion.lake.manifest import Manifest
from ingestion.lake.versions import Lake
from orchestration.home.lock import wait_until_free
from orchestration.lake.keeping import lake_tables, opened_lake
from orchestration.warehouse.connection import opened

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Look:
    """A lake and how it compares; `differing` is None where there is no warehouse to compare with."""

    lake: Lake
    manifest: Manifest
    differing: dict[str, int] | None
    verified: Verified | None = None


def look(settings: Settings, *, deep: bool | None = None, tell: Tell | None = None) -> Look:
    """The version in force against the warehouse. `deep`: every object is looked for (False), or read (True).

    Raises:
        NoLakeError: none is configured, or nothing is there.
        WarehouseIsLockedError: a run has the warehouse.
    """
    say = tell or (lambda _: None)
    lake, manifest = opened_lake(settings)
    verified = None if deep is None else verify(lake, say, quick=not deep)
    return Look(lake, manifest, _differing(settings, lake, verified), verified)


def _differing(settings: Settings, lake: Lake, verified: Verified | None) -> dict[str, int] | None:
    if not settings.warehouse_path.exists():
        return None
    wait_until_free(settings.warehouse_path, patience_seconds=2, tell=lambda _: None)
    with opened(settings.warehouse_path) as connection:
        return differences(connection, lake, lake_tables(connection), verified.lost if verified else ())
