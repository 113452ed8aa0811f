"""Rows of a mapped file that are sums of several calls: their tokens and cost land, their list price is unknown.

Put here: naming such rows. Keep out: which column says it (`mapping`).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch
from ingestion.sources.events.chunks import Chunk
from ingestion.sources.events.conversion import python_values
from ingestion.sources.events.fields import Kind
from ingestion.sources.events.mapped.application import column_values
from ingestion.sources.events.mapped.printed import as_printed
from ingestion.sources.events.usage_shapes.batches import Tally
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, unresolved_columns
from ingestion.sources.events.values import Refused, read_count


def mark_sums(batch: ParsedBatch, chunk: Chunk, column: str, tally: Tally) -> None:
    """Names the rows of a batch that sum calls up, in the batch and in the tally. A row of one call is a call.

    A row that does not say of how many is taken for a sum.
    """
    if batch.table is None:
        return
    said = python_values(as_printed(column_values(chunk, column), Kind.COUNT))
    sizes = dict(zip(chunk.rows, map(_size, said), strict=True))
    rows = batch.table.select(["_source_row", "event_id"]).to_pylist()
    marks: list[dict[str, Any]] = []
    for row in rows:
        size = sizes[row["_source_row"]]
        marks.append({} if size == 1 else unresolved_columns([Unresolved(column, size or 0, "summed_calls")]))
        tally.add(row | marks[-1])
    for name in ("unresolved_usage", "unknown_usage_reason"):
        batch.table = batch.table.append_column(name, pa.array([mark.get(name) for mark in marks], pa.string()))


def _size(value: Any) -> int | None:
    try:
        return None if value is None else read_count(value)
    except Refused:
        return None
