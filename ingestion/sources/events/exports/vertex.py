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
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import called_at, first, plain_record
from ingestion.sources.events.lines import Record, loads
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.snapshots import distinct_calls
from ingestion.sources.events.usage_shapes.batches import Row, to_batches
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, dig, text

EVENT_SOURCE = "vertex"
PAGE = "docs/sources/exports.md"
_NEVER_READ = ("request_payload", "otel_log")
_PLACE = re.compile(r"(?:projects/(?P<project>[^/]+)/)?locations/(?P<region>[a-z0-9-]+)")
_USAGE = ("usageMetadata", "usage_metadata", "usage")


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one exported file."""
    return to_batches(read_log(read_exported(file, never_read=_NEVER_READ)))


def read_log(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows after the whole file; a row that BigQuery holds twice counts once."""
    calls: list[list[Row]] = []
    for item in read_each(records, _read, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        calls.append([{**row, "_source_row": item.number} for row in item.said])
    yield from distinct_calls(calls)


def _read(value: Any) -> list[Row]:
    given = plain_record(value)
    answer = _answer(given)
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
        "tags": {**as_object(dig(_json(given.get("full_request")), "labels")), "api_method": given.get("api_method")},
    }
    rows = read_call(envelope, Counter())
    for row in rows:
        row.pop("_is_chunk", None)
        row["event_source"] = EVENT_SOURCE
        row["served_model"] = row["served_model"] or text(given.get("model_version"))
    return rows


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """The response as one body: merged from the chunks of a stream where it was one. Raises `BadValue`."""
    found = _json(given.get("full_response"))
    chunks = [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]
    if not any(chunks):
        chunks = list(_payload(given.get("response_payload")))
    if not any(chunks):
        message = "The row holds no response. Export full_response, or response_payload."
        raise BadValue("full_response", "missing_usage", message)
    return _embedded(_merged(chunks) if len(chunks) > 1 else chunks[0])


def _payload(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a payload: JSON texts, server-sent events, or one JSON text cut into pieces."""
    value = _json(value)
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    whole = _json("".join(texts)) if texts else None
    if not isinstance(whole, dict | list):
        whole = [_json(line.removeprefix("data:").strip()) for part in texts for line in part.splitlines()]
        whole = whole if any(isinstance(item, dict | list) for item in whole) else [_json(part) for part in texts]
    for item in [
        *(part for part in parts if not isinstance(part, str)),
        *(whole if isinstance(whole, list) else [whole]),
    ]:
        yield from (each for each in (item if isinstance(item, list) else [item]) if isinstance(each, dict))


def _merged(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """One body of a stream: the last usage, with what only its start counts, and every candidate that was grounded."""
    body: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    grounded: list[Any] = []
    for chunk in chunks:
        start = as_object(chunk.get("message"))
        for name in _USAGE:
            usage |= {key: item for key, item in as_object(start.get(name)).items() if item is not None}
            usage |= {key: item for key, item in as_object(chunk.get(name)).items() if item is not None}
        candidates = chunk.get("candidates")
        grounded += [item for item in candidates if _is_grounded(item)] if isinstance(candidates, list) else []
        body |= chunk | ({name: item for name, item in start.items() if name != "usage"} if start else {})
        if start or chunk.get("type") in ("message_delta", "message_stop", "content_block_delta"):
            body["type"] = "message"
    name = next((name for name in _USAGE if name in body), "usage")
    return {**body, **({name: usage} if usage else {}), **({"candidates": grounded} if grounded else {})}


def _is_grounded(candidate: Any) -> bool:
    return bool(dig(candidate, "groundingMetadata") or dig(candidate, "grounding_metadata"))


def _embedded(body: dict[str, Any]) -> dict[str, Any]:
    """Embeddings, whose tokens stand beside each vector, as a body with usage."""
    found = body.get("predictions")
    if not isinstance(found, list) or any(body.get(name) for name in _USAGE):
        return body
    path = "predictions.embeddings.statistics.token_count"
    sizes = [count(first(as_object(dig(item, "embeddings", "statistics")), "token_count"), path) for item in found]
    known = [size for size in sizes if size is not None]
    if not known:
        return body
    total = {"prompt_tokens": sum(known), "total_tokens": sum(known)}
    return {"object": "embedding", "model": body.get("model"), "usage": total}


def _json(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return value
    return value
