"""Events from OpenTelemetry traces in OTLP JSON.

Data flow: `<events folder>/otel/**.jsonl|.json[.gz]` (one ExportTraceServiceRequest per line, or one document)
→ `raw_events.requests`. `docs/sources/otel.md` has every rule.

Put here: GenAI spans of every generation of the conventions. Keep out: metrics, and spans that cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.lines import read_json_records
from ingestion.sources.events.otel.traces import read_traces
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file: the leaf inference spans, each once."""
    return to_batches(read_traces(read_json_records(file.path)))
