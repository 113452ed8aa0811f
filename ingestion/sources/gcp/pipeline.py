"""Google Cloud billing export files, wherever they lie in the billing folder -> `raw_gcp`.

Alone: `python -m ingestion.sources.gcp`. A FOCUS-shaped export is read with all other FOCUS files.
Put here: routing. Keep out: formats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, land_drop_folder
from ingestion.landing.notes import Note
from ingestion.landing.source import Route
from ingestion.reading.tabular import table_names
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.sources.billing import focus
from ingestion.sources.billing.pipeline import SUFFIXES, is_of_gcp
from ingestion.sources.billing.remote import refresh
from ingestion.sources.billing.unread import is_marker, why_unread
from ingestion.sources.gcp.export import DATASET, FORMAT, TABLE
from ingestion.sources.gcp.parse import billing_export
from ingestion.sources.gcp.told_twice import told_twice


def land(
    settings: Settings,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> LandingReport:
    """Land the export files; the dates are those of other sources and choose nothing here."""
    refresh(settings, progress)
    read = replace(source(settings.billing_dir), tells=is_of_gcp)
    report = land_drop_folder(read, settings, now=now, progress=progress)
    if not (report.files_landed or report.files_unchanged or report.notes):
        report.is_on, report.off_reason = False, f"no export of Google's is in {settings.billing_dir}"
    report.notes += told_twice(settings)
    return report


def source(folder: Path) -> DropFolderSource:
    """The folder of exports as landing sees it: that of all bills, or one of Google's alone."""
    return DropFolderSource(
        name="gcp",
        dataset=DATASET,
        folder=folder,
        folder_variable=DROP_FOLDERS["billing"],
        route=lambda relative_path: route(folder, relative_path),
        unique_columns={TABLE: "row_id"},
        readers=("ingestion.sources.gcp",),
    )


def route(folder: Path, relative_path: str) -> Route:
    """Whether a file is a standard or detailed export; FOCUS is the billing source's."""
    path = PurePosixPath(relative_path)
    is_readable = is_of_gcp(relative_path) or path.suffix.lower() in (*SUFFIXES, ".json")
    if is_marker(path.name) or not is_readable:
        return ""
    try:
        names = table_names(folder / relative_path)
    except UnreadableTable as error:
        return Note("unreadable_file", f"passed over; {error}")
    if FORMAT.recognises(names):
        return "billing_export", billing_export
    if focus.FORMAT.recognises(names):
        return ""
    if unread := why_unread(names):
        return Note("unknown_format", f"passed over; {unread}")
    return Note("unknown_format", f"passed over; a Google Cloud billing export has {FORMAT.expected_headers}")
