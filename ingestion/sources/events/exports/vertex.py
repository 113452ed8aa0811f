"""Events from request-response logs of Vertex AI, as BigQuery exports their table (JSON, CSV, Parquet).

Data flow: `<events folder>/vertex/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: rows of that table. Keep out: results of batch jobs (`provider_bodies`), prompts and answers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import called_at, plain_record
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.snapshots import distinct_calls
from ingestion.sources.events.usage_shapes.batches import Row, to_batches
from ingestion.sources.events.usage_shapes.plain_counts import with_predicted_usage
from ingestion.sources.events.usage_shapes.streams import merged_stream, stream_pieces
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, text

EVENT_SOURCE = "vertex"
PAGE = "docs/sources/exports.md"
_NEVER_READ = ("request_payload", "otel_log")
_PLACE = re.compile(r"(?:projects/(?P<project>[^/]+)/)?locations/(?P<region>[a-z0-9-]+)")


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one exported file."""
    return to_batches(read_log(read_exported(file, never_read=_NEVER_READ)))


def read_log(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows after the whole file; a row that BigQuery holds twice counts once."""
    calls: list[list[Row]] = []
    for item in read_each(records, read_row, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        calls.append([{**row, "_source_row": item.number} for row in item.said])
    yield from distinct_calls(calls)


def read_row(value: Any) -> list[Row]:
    """The rows of one row of the table. Raises `BadValue`."""
    given = plain_record(value)
    answer, asked = _answer(given), as_object(given.get("full_request"))
    place = _PLACE.search(text(given.get("endpoint")) or "") or _PLACE.search(text(given.get("model")) or "")
    model = text(given.get("model"))
    envelope = {
        "timestamp": called_at(given, "logging_time").isoformat(),
        "response": answer,
        "provider": "google",
        "request_id": text(given.get("request_id")),
        "requested_model": (model.rpartition("/")[2] if model else None) or text(given.get("model_version")),
        "region": place["region"] if place else None,
        "project_id": place["project"] if place else None,
        "tags": {**as_object(asked.get("labels")), "api_method": given.get("api_method")},
    }
    rows = read_call(envelope, Counter())
    for row in rows:
        row.pop("_is_chunk", None)
        row["event_source"] = EVENT_SOURCE
        row["served_model"] = row["served_model"] or text(given.get("model_version"))
    return rows


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """The response as one body: merged from the pieces of a stream where it was one. Raises `BadValue`."""
    pieces = stream_pieces(given.get("full_response")) or stream_pieces(given.get("response_payload"))
    if not any(pieces):
        message = "The row holds no response. Export full_response, or response_payload."
        raise BadValue("full_response", "missing_usage", message)
    return with_predicted_usage(merged_stream(pieces) if len(pieces) > 1 else pieces[0])
