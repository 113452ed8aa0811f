"""Carries parsed files into raw tables, safely: registry, quarantine, replacement, empty tables.

Put here: what every file source shares. Keep out: any one format.
"""

from ingestion.landing.database import connect, ensure_tables
from ingestion.landing.model import LandingReport, ParsedBatch, Parser, QuarantinedRow, SourceFile, stable_id
from ingestion.landing.registry import RegisteredFile
from ingestion.landing.runner import land_drop_folder
from ingestion.landing.source import DropFolderSource

__all__ = [
    "DropFolderSource",
    "LandingReport",
    "ParsedBatch",
    "Parser",
    "QuarantinedRow",
    "RegisteredFile",
    "SourceFile",
    "connect",
    "ensure_tables",
    "land_drop_folder",
    "stable_id",
]
