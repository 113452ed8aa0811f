from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import Parser, QuarantinedRow, SourceFile

Parsed = tuple[list[dict[str, Any]], list[QuarantinedRow]]


def source_file(path: Path) -> SourceFile:
    return SourceFile(path, path.name, path.stat().st_size, datetime(2026, 1, 1), "0")  # noqa: DTZ001 naive UTC


def run(parser: Parser, path: Path) -> Parsed:
    """(rows without unknown columns, quarantine entries) of a file."""
    rows: list[dict[str, Any]] = []
    bad: list[QuarantinedRow] = []
    for batch in parser(source_file(path)):
        if batch.table is not None:
            assert batch.table_name == "requests"
            assert batch.table.num_rows <= 50_000
            rows += [
                {name: value for name, value in row.items() if value is not None} for row in batch.table.to_pylist()
            ]
        bad += batch.quarantined
    return rows, bad


@pytest.fixture
def parse_records(tmp_path: Path) -> Callable[..., Parsed]:
    """Parses records (objects, or bytes of a line) written as one file."""

    def parse(parser: Parser, *records: Any, name: str = "events.jsonl") -> Parsed:
        lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
        path = tmp_path / name
        path.write_bytes(b"\n".join(lines) + b"\n")
        return run(parser, path)

    return parse
