"""Data flow: files of the events folder -> `raw_events.requests`, `raw_events.files`, `raw_events.quarantine`.

Put here: the description of the source. Keep out: formats. Run alone: `python -m ingestion.sources.events`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, land_drop_folder
from ingestion.sources.events import routing
from ingestion.sources.events.bulk import is_bulk


def source(settings: Settings) -> DropFolderSource:
    """The events folder as landing sees it."""
    return DropFolderSource(
        name="events",
        dataset="raw_events",
        folder=settings.events_dir,
        folder_variable=DROP_FOLDERS["events"],
        route=routing.route,
        companions=routing.companions,
        unique_columns={"requests": "event_id"},
        is_bulk=is_bulk,
    )


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land what is new or changed in the events folder."""
    return land_drop_folder(source(settings), settings, now=now, progress=progress)
