"""Data flow: `<ledger folder>/<record>/lines.csv` → `raw_ledger.closed_lines`, for months that are closed now.

A record that does not verify is not read: what was landed of it before stays, and the report says so. Put here: the
description of the source. Keep out: closing. Run alone: `python -m ingestion.sources.ledger`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingestion.config import Settings
from ingestion.landing import DropFolderSource, LandingReport, connect, ensure_tables, land_drop_folder
from ingestion.landing.notes import Note
from ingestion.landing.registry import forget_gone
from ingestion.landing.source import Route
from ingestion.sources.ledger import lines
from ingestion.sources.ledger.records import LINES, Ledger, read_ledger

DATASET = "raw_ledger"


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land the lines of closed months and drop those of months that were opened again."""
    ledger = read_ledger(settings.ledger_dir)
    ensure_tables(settings.warehouse_path)
    if ledger.records:
        report = land_drop_folder(source(settings.ledger_dir, ledger), settings, now=now, progress=progress)
    else:
        report = LandingReport(source="ledger", is_on=False, off_reason="no month has been closed yet")
    report.notes += [Note("closed_month_damaged", fault) for fault in ledger.faults]
    if not ledger.faults:
        with connect(settings.warehouse_path) as db:
            gone = forget_gone(db, DATASET, closed_files(ledger))
        report.notes += [
            Note("file_gone", f"{file.path} is no longer closed; its lines were taken out", file.path) for file in gone
        ]
    return report


def closed_files(ledger: Ledger) -> set[str]:
    """The files of months that are closed now."""
    return {f"{record.folder.name}/{LINES}" for record in ledger.closed.values()}


def source(folder: Path, ledger: Ledger) -> DropFolderSource:
    """The ledger's folder as landing sees it."""
    closed = closed_files(ledger)
    damaged = {path for path in closed if any(fault.startswith(path.split("/")[0]) for fault in ledger.faults)}

    def route(relative_path: str) -> Route:
        if relative_path in damaged:
            return Note("closed_month_damaged", "does not verify and was not read; see costops verify-close")
        return ("closed_lines", lines.parse) if relative_path in closed else ""

    return DropFolderSource(
        name="ledger",
        dataset=DATASET,
        folder=folder,
        folder_variable="COSTOPS_LEDGER_DIR",
        keeps_removed=lambda relative_path: True,
        route=route,
    )
