"""Streams of Anthropic that were logged one event a line: start and deltas of a message are one call.

Put here: putting such lines together. Keep out: streams within one record (`usage_shapes.streams`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record
from ingestion.sources.events.usage_shapes.streams import merged_stream
from ingestion.sources.events.usage_shapes.values import as_object

START, DELTA, STOP = "message_start", "message_delta", "message_stop"
_BETWEEN = ("content_block_start", "content_block_delta", "content_block_stop", "ping")
_WRAPPERS = ("response", "event", "body", "data", "chunk")


def joined_events(records: Iterable[Record | QuarantinedRow]) -> Iterator[Record | QuarantinedRow]:
    """The records, with the events of a stream as one record at the place of its end.

    Two starts without a delta between them are two streams at once, whose deltas nothing tells apart: they stay as
    they are, and are set aside by who reads them.
    """
    start: Record | None = None
    pieces: list[dict[str, Any]] = []
    for record in records:
        event = _event(record.value) if isinstance(record, Record) else None
        kind = event.get("type") if event else None
        if not isinstance(record, Record) or event is None or (start is None and kind != START):
            yield record
        elif kind == START:
            is_mixed = start is not None and len(pieces) == 1
            if start is not None:
                yield start if is_mixed else _whole(start, pieces)
            start, pieces = (None, []) if is_mixed else (record, [event])
            if is_mixed:
                yield record
        elif kind == DELTA:
            pieces.append(event)
        elif kind == STOP and start is not None:
            yield _whole(start, pieces)
            start, pieces = None, []
    if start is not None:
        yield start if len(pieces) == 1 else _whole(start, pieces)


def _event(value: Any) -> dict[str, Any] | None:
    """The event of a stream that a record is or wraps."""
    if not isinstance(value, dict):
        return None
    for holder in (value, *(as_object(value.get(name)) for name in _WRAPPERS)):
        if holder.get("type") in (START, DELTA, STOP, *_BETWEEN):
            return holder
    return None


def _whole(start: Record, pieces: list[dict[str, Any]]) -> Record:
    outer = {name: item for name, item in start.value.items() if name not in (*_WRAPPERS, "type", "message")}
    return Record(start.number, {**outer, "response": merged_stream(pieces)}, start.text)
