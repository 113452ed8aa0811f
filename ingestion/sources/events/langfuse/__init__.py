"""Events from Langfuse observations.

Data flow: `<events folder>/langfuse/**.jsonl|.json[.gz]` (observations, one per line, or the API's pages
`{"data": [...]}`, v2 or v1) → `raw_events.requests`. `docs/sources/langfuse.md` has every rule.

Put here: observations. Keep out: traces, scores and the daily metrics.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.langfuse.observations import read_observations
from ingestion.sources.events.lines import read_json_records
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file: the newest version of each generation."""
    return to_batches(read_observations(read_json_records(file.path, page_key="data")))
