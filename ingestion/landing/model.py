"""The vocabulary of landing files: what a parser is given and what it gives back.

Put here: plain types shared by every file source. Keep out: dlt, databases, parsing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingestion.landing.notes import Note


def stable_id(*parts: str) -> int:
    """A positive 63-bit id from text parts, the same on every machine and in every run."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


CLOCK_TOLERANCE_DAYS = 2
"""So much later than the clock of the run may something have happened."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a drop folder.

    `relative_path` uses forward slashes and is the file's identity; `content_hash` tells versions apart.
    """

    path: Path
    relative_path: str
    size_bytes: int
    modified_at_utc: datetime
    content_hash: str
    read_at_utc: datetime | None = None
    """The clock of the run: what happened much later than this has a wrong date."""

    @property
    def file_id(self) -> int:
        """Stable id of the path: a replaced file keeps it."""
        return stable_id(self.relative_path)


@dataclass(frozen=True)
class QuarantinedRow:
    """A row (or a whole file, `row_number` None) that could not be landed, and what to do about it."""

    row_number: int | None
    reason: str
    message: str
    original_record: str | None
    field: str | None = None


@dataclass(frozen=True)
class Joint:
    """A record of a tree that is no row and lies between rows: what lies above it, by ids of one event source."""

    event_source: str
    event_id: str
    parent_event_id: str


@dataclass
class ParsedBatch:
    """Some rows of one file.

    `table` holds the source's raw columns (see `ingestion.raw_schemas`) plus `_source_row`, without
    `_source_file_id` and `_loaded_at_utc`, which landing adds. Either part may be empty.
    """

    table: pa.Table | None = None
    table_name: str = ""
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    scopes: frozenset[str] = frozenset()
    """What a delivery restates, as `format|account|YYYY-MM`; empty where files do not restate one another."""
    parquet_path: Path | None = None
    """Instead of `table`: a Parquet file whose columns are some of the raw table's, imported as it is."""
    parquet_rows: int = 0
    parquet_fills: dict[str, str] = field(default_factory=dict)
    """SQL expressions by column that complete the imported rows, for example `coalesce(status, 'ok')`."""
    notes: list[Note] = field(default_factory=list)
    """What the reader of the run's summary should know about the file."""
    joints: list[Joint] = field(default_factory=list)
    """What of the file hangs rows of other files together (`repeated`)."""


Parser = Callable[[SourceFile], Iterator[ParsedBatch]]
"""Reads one file; never raises for bad content, which becomes `QuarantinedRow`s."""


@dataclass
class LandingReport:
    """What one landing run did, per source, for the log, the asset metadata and the summary."""

    source: str
    is_on: bool
    off_reason: str | None = None
    rows_by_table: dict[str, int] = field(default_factory=dict)
    files_landed: int = 0
    files_unchanged: int = 0
    files_removed: int = 0
    files_superseded: int = 0
    quarantined_rows: int = 0
    bytes_read: int = 0
    notes: list[Note] = field(default_factory=list)
    kept_notes: list[Note] = field(default_factory=list)
    """Those of `notes` that were written together with the rows of their file and hold as long as it is there."""

    @property
    def is_changed(self) -> bool:
        """Whether other files count than before."""
        return bool(self.files_landed or self.files_removed or self.files_superseded)
