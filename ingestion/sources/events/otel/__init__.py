"""Events from OpenTelemetry traces and logs, OTLP in JSON or protobuf.

Data flow: `<events folder>/otel/**.jsonl|.json|.pb[.gz]` (one export request per line, one document, or protobuf; or
spans as backends export them, CSV and Parquet too) → `raw_events.requests`. `docs/sources/otel.md` has every rule.

Put here: GenAI spans of every generation of the conventions. Keep out: spans that cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.otel.metrics import METRICS_ONLY
from ingestion.sources.events.otel.protobuf import is_protobuf, read_protobuf
from ingestion.sources.events.otel.traces import read_traces
from ingestion.sources.events.routing import data_extension
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file: the leaf inference spans, each once."""
    records = _records(file)
    is_only = PurePosixPath(file.relative_path).parts[1:2] == (METRICS_ONLY,)
    return to_batches(read_traces(records, counts_metrics=is_only))


def _records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    if data_extension(file.relative_path) in (".csv", ".parquet"):
        return read_exported(file)
    return read_protobuf(file.path) if is_protobuf(file.path) else read_json_records(file.path)
