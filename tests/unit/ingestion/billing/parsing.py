# ruff: noqa: DTZ001 - instants are naive UTC
"""Parses billing text or files in tests without a warehouse."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FORMATS


@dataclass
class Parsed:
    """Everything a file gave."""

    rows: list[dict[str, Any]]
    quarantined: list[QuarantinedRow]
    scopes: frozenset[str]
    notes: list[Note]

    @property
    def reasons(self) -> list[str]:
        return [row.reason for row in self.quarantined]


def parse_file(format_name: str, path: Path) -> Parsed:
    file = SourceFile(path, path.name, path.stat().st_size, datetime(2024, 1, 1), "hash")
    rows: list[dict[str, Any]] = []
    quarantined: list[QuarantinedRow] = []
    scopes: frozenset[str] = frozenset()
    notes: list[Note] = []
    for batch in parse(FORMATS[format_name], file):
        quarantined += batch.quarantined
        scopes |= batch.scopes
        notes += batch.notes
        if batch.table is not None:
            rows += batch.table.to_pylist()
    return Parsed(rows, quarantined, scopes, notes)


def parse_bytes(format_name: str, folder: Path, content: bytes, name: str = "file.csv") -> Parsed:
    path = folder / name
    path.write_bytes(content)
    return parse_file(format_name, path)


def csv_sum(path: Path, column: str) -> tuple[int, Decimal]:
    """Row count and exact sum of a column, read independently of the code under test."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:  # type: ignore[operator]
        cells = [row[column] for row in csv.DictReader(stream)]
    return len(cells), sum((Decimal(cell) for cell in cells), Decimal(0))
