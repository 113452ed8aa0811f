"""Events from raw API response bodies: one call per line, in an envelope or bare.

Data flow: `<events folder>/provider_bodies/**.jsonl|.json[.gz]` → `raw_events.requests`.
`docs/sources/provider_bodies.md` describes the envelope and every rule.

Put here: bodies as providers send them. Keep out: logs of gateways and tracing tools, which have their own
source each.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.lines import read_json_records
from ingestion.sources.events.provider_bodies.calls import read_calls
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file; whatever is not a usable call becomes a quarantine entry."""
    return to_batches(read_calls(read_json_records(file.path)))
