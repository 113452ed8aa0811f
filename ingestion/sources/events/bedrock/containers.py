"""Invocation records out of what S3, Firehose and CloudWatch wrap around them.

Put here: containers. Keep out: what a record means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Line, Record, loads, quarantined, read_lines
from ingestion.reading.packed import without_packing
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.events.usage_shapes.values import as_object

_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?\s+(?=\{)")
"""The time that CloudWatch's export to S3 puts before each record."""
_MESSAGES = ("@message", "message")


def read_log_records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    """Single records, whatever the container."""
    name = without_packing(file.relative_path)
    if name.endswith(".csv"):
        records: Iterator[Record | QuarantinedRow] = read_csv_rows(file.path)
    elif _is_stamped(file):
        records = _stamped(file)
    else:
        records = read_json_records(file.path)
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record
        else:
            for value in _unwrapped(record.value):
                yield Record(record.number, value, "")


def _is_stamped(file: SourceFile) -> bool:
    first = next(read_lines(file.path), None)
    return isinstance(first, Line) and _STAMPED.match(first.text) is not None


def _stamped(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    for line in read_lines(file.path):
        if isinstance(line, QuarantinedRow):
            yield line
            continue
        try:
            yield Record(line.number, loads(_STAMPED.sub("", line.text, count=1)), "")
        except (ValueError, RecursionError):
            yield quarantined(line.number, "invalid_json", "Not JSON after the time. Export the log group again.")


def _unwrapped(value: Any) -> Iterator[Any]:
    """The records in one value: of `events`, `logEvents`, a text column, or the value itself."""
    if not isinstance(value, dict) or "modelId" in value:
        yield value
        return
    events = value.get("events") if isinstance(value.get("events"), list) else value.get("logEvents")
    if isinstance(events, list):
        for event in events:
            yield from _unwrapped(event)
        return
    message = next((value[name] for name in _MESSAGES if value.get(name)), None)
    if value.get("messageType") == "CONTROL_MESSAGE":
        return
    yield as_object(message) or value
