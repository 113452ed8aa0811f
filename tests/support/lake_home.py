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
from ingestion.landing import connect, stable_id
from ingestion.landing.database import transaction
from ingestion.landing.registry import forget_within
from orchestration.publishing.places import place_at
from tests.integration.ingestion.landing.toy import NOW, Drop
from tests.support import lake_reader

TOUCHED = ("raw_events", "raw_landing")
"""Schemas that the toy lands in; all others stay empty."""


class LakeHome(Drop):
    """A toy home with a lake beside it."""

    def __init__(self, home: Path, address: str | Path | None = None, *, supersedes: bool = False) -> None:
        super().__init__(home, supersedes=supersedes)
        self.address = str(address or home.with_name(home.name + "-lake"))
        self.now = NOW
        self._loads = 0

    def landed(self, **files: list[dict[str, Any]] | None) -> None:
        """As if these files had been landed with these events, or had gone: what landing writes, without a file."""
        with connect(self.settings.warehouse_path) as db, transaction(db):
            for name, events in files.items():
                forget_within(db, "raw_events", [stable_id(name)])
                if events is None:
                    continue
                self._loads += 1
                load, rows = f"load {self._loads}", [each | {"_source_file_id": stable_id(name)} for each in events]
                db.execute("insert into raw_events._settled_loads values (?, ?)", [load, self.now])
                db.execute(
                    "insert into raw_events.files by name select ? as file_id, ? as path, ? as row_count, "
                    "? as _dlt_load_id",
                    [stable_id(name), name, len(rows), load],
                )
                for row in rows:
                    values = ", ".join(f"? as {column}" for column in row)
                    db.execute(f"insert into raw_events.requests by name select {values}", list(row.values()))

    def lake(self) -> Lake:
        """As this home knows it."""
        return Lake(place_at(self.address, "COSTOPS_LAKE_URL", is_shared=False), self.settings.home, "here")

    def sync(self, schemas: tuple[str, ...] = TOUCHED, **options: Any) -> SyncReport:
        """One writing, an hour after the one before; of all raw schemas where none are given."""
        self.now += timedelta(hours=1)
        with connect(self.settings.warehouse_path) as db:
            tables = [each for each in raw_tables(db) if each.schema in schemas or not schemas]
            return sync(db, self.lake(), tables, self.now, **options)

    def differences(
        self, opened: lake_reader.Open | None = None, schemas: tuple[str, ...] = TOUCHED
    ) -> dict[str, tuple[int, int]]:
        """Between warehouse and lake, as somebody else reads it."""
        with connect(self.settings.warehouse_path) as db:
            return lake_reader.differences(db, opened or lake_reader.of_folder(Path(self.address)), schemas)


def event(number: int, day: int = 1, output: int = 1, session: str | None = None) -> dict[str, Any]:
    """An event of May 2026."""
    at = datetime(2026, 5, day, 12)  # noqa: DTZ001
    return {
        "event_id": f"e{number}",
        "requested_at_utc": at.isoformat(),
        "output_tokens": output,
        "session_id": session,
    }
