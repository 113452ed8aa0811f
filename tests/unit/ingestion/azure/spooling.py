# ruff: noqa: DTZ001 - instants are naive UTC
"""Writes day files as the spool does and parses them, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestion.api.model import DayPages
from ingestion.api.spool import Spool
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile

Parse = Callable[[SourceFile], Iterator[ParsedBatch]]


def parse_path(parse: Parse, path: Path) -> tuple[list[dict[str, Any]], list[QuarantinedRow]]:
    """The rows and the quarantined rows of a spool file."""
    file = SourceFile(path, path.name, path.stat().st_size, datetime(2026, 8, 1), "hash")
    rows: list[dict[str, Any]] = []
    bad: list[QuarantinedRow] = []
    for batch in parse(file):
        bad += batch.quarantined
        if batch.table is not None:
            rows += batch.table.to_pylist()
    return rows, bad


def parse_payloads(
    parse: Parse, folder: Path, payloads: list[Any], day: str = "2026-08-01", **request: Any
) -> tuple[list[dict[str, Any]], list[QuarantinedRow]]:
    """Rows of records spooled for a day; a payload that is text is written as it is."""
    path = folder / f"{day}.jsonl"
    about = json.dumps({"params": {}, "group_by": [], "received_at_utc": "2026-08-02T01:00:00"} | request)
    texts = [each if isinstance(each, str) else json.dumps(each) for each in payloads]
    path.write_text("".join(f'{{"request": {about}, "record": {text}}}\n' for text in texts))
    return parse_path(parse, path)


def spooled(folder: Path, parse: Parse, endpoint: str, pages: DayPages) -> tuple[list[dict[str, Any]], list[Any]]:
    """What a pulled day becomes after the spool."""
    spool = Spool(folder)
    spool.write(endpoint, pages.day, pages.records)
    return parse_path(parse, spool.path(endpoint, pages.day))
