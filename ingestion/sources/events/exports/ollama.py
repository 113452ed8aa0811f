"""Events from native answers of Ollama, as an application logs them: models on own machines, which no list prices.

Data flow: `<events folder>/ollama/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: answers of `/api/chat`, `/api/generate`, `/api/embed`. Keep out: its copy of OpenAI's API (`provider_bodies`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import called_at, checked, first, plain_record
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.snapshots import distinct_calls
from ingestion.sources.events.usage_shapes.batches import Row, content_id, to_batches
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.values import as_object, count, tags, text

EVENT_SOURCE = "ollama"
PAGE = "docs/sources/exports.md"
OLLAMA = Family("ollama", input_field="prompt_eval_count", output_field="eval_count", is_certain=True)
_TIMES = ("timestamp", "requested_at_utc", "requested_at", "start_time", "time", "ts", "created_at")


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one file."""
    return to_batches(read_answers(read_exported(file)))


def read_answers(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows after the whole file. Pieces of a stream count nothing; its last one (`done`) is the call."""
    calls: list[list[Row]] = []
    without_input = 0
    for item in read_each(records, _read, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        without_input += item.said["status"] == "ok" and item.said.get("uncached_input_tokens") is None
        calls.append([{**item.said, "_source_row": item.number}])
    yield from distinct_calls(calls)
    if without_input:
        message = (
            f"{without_input} answers do not say how long their prompt was (Ollama leaves it out where it was cached)"
        )
        yield Note("other", message, count=without_input)


def _read(value: Any) -> Row | None:
    outer = plain_record(value)
    body = next((as_object(outer[name]) for name in ("response", "body") if as_object(outer.get(name))), outer)
    given = plain_record(body)
    if given.get("done") is False:
        return None
    error = text(given.get("error"))
    at = called_at({**given, **{name: outer.get(name) for name in _TIMES if outer.get(name)}}, *_TIMES)
    usage = {
        name: item
        for name, item in given.items()
        if name.endswith("_count") or ("token" in name and not isinstance(item, list))
    }
    nanoseconds = count(given.get("total_duration"), "total_duration")
    row: Row = {
        "event_id": text(first(outer, "event_id", "request_id", "id")) or content_id([at.isoformat(), *_said(given)]),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": EVENT_SOURCE,
        "served_model": text(given.get("model")),
        **{name: text(outer.get(name)) for name in ("user_id", "team_id", "project_id", "feature", "session_id")},
        "tags": tags(outer.get("tags"), {"host": outer.get("host")}),
        "status": "error" if error else "ok",
        "error_type": "error" if error else None,
        "is_billable": True,
        "duration_ms": None if nanoseconds is None else nanoseconds // 1_000_000,
        **counts_from(read_usage(usage, ""), OLLAMA),
    }
    return checked(row, usage, "eval_count")


def _said(given: dict[str, Any]) -> list[Any]:
    """What tells two answers of one moment apart, without what they say."""
    names = ("created_at", "model", "prompt_eval_count", "eval_count", "total_duration")
    return [given.get(name) for name in names]
