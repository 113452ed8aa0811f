"""Collecting event rows into the batches that landing takes.

Put here: what every event parser does with a finished row. Keep out: reading records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.raw_schemas import PROVENANCE, REQUESTS

BATCH_ROWS = 50_000
Row = dict[str, Any]
"""A row of `raw_events.requests` by column name, with `_source_row`; absent columns are unknown."""

SCHEMA = pa.schema(
    [(name, kind) for name, kind in REQUESTS.items() if name not in PROVENANCE] + [("_source_row", pa.int64())]
)


def content_id(value: Any) -> str:
    """A stable id for a record that has none of its own: a hash of its content."""
    printed = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return "sha256:" + hashlib.sha256(printed.encode()).hexdigest()[:32]


def to_table(rows: list[Row]) -> pa.Table:
    """An Arrow table with every event column."""
    return pa.Table.from_arrays(
        [pa.array([row.get(field.name) for row in rows], field.type) for field in SCHEMA], schema=SCHEMA
    )


def to_batches(items: Iterable[Row | QuarantinedRow | Note]) -> Iterator[ParsedBatch]:
    """Batches of at most `BATCH_ROWS` rows, in order. A note among the items is about the file."""
    rows: list[Row] = []
    bad: list[QuarantinedRow] = []
    notes: list[Note] = []
    for item in items:
        if isinstance(item, Note):
            notes.append(item)
        elif isinstance(item, QuarantinedRow):
            bad.append(item)
        else:
            rows.append(item)
        if len(rows) + len(bad) >= BATCH_ROWS:
            yield ParsedBatch(to_table(rows) if rows else None, "requests", bad)
            rows, bad = [], []
    if rows or bad or notes:
        yield ParsedBatch(to_table(rows) if rows else None, "requests", bad, notes=notes)
