"""Events from Langfuse observations.

Data flow: `<events folder>/langfuse/**` (observations as JSON, CSV or Parquet: blob exports, API pages
`{"data": [...]}` v2 or v1, traces downloaded in its web pages) → `raw_events.requests`.
`docs/sources/langfuse.md` has every rule.

Put here: observations. Keep out: traces, scores and the daily metrics.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.langfuse.containers import read_records
from ingestion.sources.events.langfuse.observations import read_observations
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file: the newest version of each generation."""
    return to_batches(read_observations(read_records(file)))
