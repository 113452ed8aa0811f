"""A home whose events land in a lake as well.

Put here: what tests of the lake share. Keep out: assertions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingestion.lake.syncing import SyncReport, sync
from ingestion.lake.tables import raw_tables
from ingestion.lake.versions import Lake
from ingestion.landing import connect
from orchestration.publishing.places import place_at
from tests.integration.ingestion.landing.toy import NOW, Drop
from tests.support import lake_reader


class LakeHome(Drop):
    """A toy home with a lake beside it."""

    def __init__(self, home: Path, address: str | Path | None = None, *, supersedes: bool = False) -> None:
        super().__init__(home, supersedes=supersedes)
        self.address = str(address or home.with_name(home.name + "-lake"))
        self.now = NOW

    def lake(self) -> Lake:
        """As this home knows it."""
        return Lake(place_at(self.address, "COSTOPS_LAKE_URL", is_shared=False), self.settings.home, "here")

    def sync(self, **options: Any) -> SyncReport:
        """One writing, an hour after the one before."""
        self.now += timedelta(hours=1)
        with connect(self.settings.warehouse_path) as db:
            return sync(db, self.lake(), raw_tables(db), self.now, **options)

    def differences(self, opened: lake_reader.Open | None = None) -> dict[str, tuple[int, int]]:
        """Between warehouse and lake, as somebody else reads it."""
        with connect(self.settings.warehouse_path) as db:
            return lake_reader.differences(db, opened or lake_reader.of_folder(Path(self.address)))


def event(number: int, day: int = 1, output: int = 1, session: str | None = None) -> dict[str, Any]:
    """An event of May 2026."""
    at = datetime(2026, 5, day, 12)  # noqa: DTZ001
    return {
        "event_id": f"e{number}",
        "requested_at_utc": at.isoformat(),
        "output_tokens": output,
        "session_id": session,
    }
