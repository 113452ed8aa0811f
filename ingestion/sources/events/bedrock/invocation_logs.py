"""From records of the invocation log to event rows.

Put here: what the record's own fields mean, and what only the body tells. Keep out: containers, prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, loads
from ingestion.sources.events.recognition import is_invocation
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.usage_shapes.batches import Row, content_id, counts_above_zero, has_counts
from ingestion.sources.events.usage_shapes.others import converse_counts, routed_to
from ingestion.sources.events.usage_shapes.streams import merged_stream, stream_pieces
from ingestion.sources.events.usage_shapes.tools import with_guardrails
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, dig, instant, tags, text
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

EVENT_SOURCE = "bedrock"
PROVIDER = "aws"
PAGE = "docs/sources/bedrock.md"
_LIFETIMES = {"ephemeral_5m_input_tokens": "5m", "ephemeral_1h_input_tokens": "1h"}


def read_invocations(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order; a record written twice counts once."""
    seen: set[str] = set()
    for item in read_each(records, read_invocation, PAGE):
        if not isinstance(item, Read):
            yield item
        elif item.said["event_id"] not in seen:
            seen.add(item.said["event_id"])
            yield {**item.said, "_source_row": item.number}


def read_invocation(given: Any) -> Row:
    """The row of one record. Raises `BadValue`."""
    if not is_invocation(given):
        message = "Not a record of the invocation log: it has no modelId, accountId and operation. Deliver the log."
        raise BadValue("schemaType", "not_an_invocation", message)
    at = instant(given.get("timestamp"), "timestamp")
    if at is None:
        raise BadValue("timestamp", "missing_timestamp", "The record has no timestamp. Deliver the log unchanged.")
    error = text(given.get("errorCode"))
    body = _body(given)
    row: Row = {
        "event_id": text(given.get("requestId")) or content_id(given),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": PROVIDER,
        "account_id": text(given.get("accountId")),
        "user_id": text(dig(given, "identity", "arn")),
        **_models(given, body),
        "served_service_tier": _tier(given, body),
        "region": text(given.get("region")),
        "speed": text(dig(given, "performanceConfig", "latency")) or text(dig(body, "performanceConfig", "latency")),
        "status": "error" if error else "ok",
        "error_type": error,
        "is_billable": error is None,
        "duration_ms": count(dig(body, "metrics", "latencyMs"), "metrics.latencyMs"),
        "tags": tags(
            given.get("requestMetadata"),
            {"operation": given.get("operation"), "inference_region": given.get("inferenceRegion")},
        ),
        **with_guardrails(body, converse_counts(_usage(given, body))),
    }
    seconds = count(dig(given, "output", "outputVideoDurationSeconds"), "outputVideoDurationSeconds")
    if seconds is not None:
        row["video_milliseconds"] = seconds * 1000
    if (made := _images(given, body)) and not any(row.get(name) for name in TOKEN_COLUMNS):
        row = {name: value for name, value in row.items() if name not in TOKEN_COLUMNS} | {"images": made}
    is_told = counts_above_zero(row) or bool(as_object(body.get("usage")))
    if error is None and not (has_counts(row) and is_told):
        message = "The record counts no tokens and its body shows no usage. Images are known from the bill only."
        raise BadValue("input.inputTokenCount", "missing_usage", message)
    return row


def _models(given: dict[str, Any], body: dict[str, Any]) -> Row:
    asked, routed = text(given.get("modelId")), routed_to(body)
    return {"requested_model": asked, "served_model": routed} if routed else {"served_model": asked}


def _images(given: dict[str, Any], body: dict[str, Any]) -> int:
    """How many images a model made; where its answer lies elsewhere, as images are large, how many it was asked for."""
    if isinstance(body.get("images"), list):
        return len(body["images"])
    asked = as_object(dig(given, "input", "inputBodyJson"))
    if not asked.get("taskType") or "embed" in (text(given.get("modelId")) or ""):
        return 0
    number = count(dig(asked, "imageGenerationConfig", "numberOfImages"), "imageGenerationConfig.numberOfImages")
    return 1 if number is None else number


def _usage(given: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Counts under the names of Converse. The record's own are the total; the body adds what they lack."""
    into, out = as_object(given.get("input")), as_object(given.get("output"))
    said = as_object(body.get("usage"))
    metrics = as_object(body.get("amazon-bedrock-invocationMetrics"))

    def best(record: Any, *others: Any) -> Any:
        found = [value for value in (record, *others) if value is not None]
        return next((value for value in found if value), found[0] if found else None)

    usage = {
        "inputTokens": best(
            into.get("inputTokenCount"),
            metrics.get("inputTokenCount"),
            said.get("inputTokens"),
            said.get("input_tokens"),
            body.get("prompt_token_count"),
            body.get("inputTextTokenCount"),
        ),
        "outputTokens": best(
            out.get("outputTokenCount"),
            metrics.get("outputTokenCount"),
            said.get("outputTokens"),
            said.get("output_tokens"),
            body.get("generation_token_count"),
            body.get("totalOutputTextTokenCount"),
        ),
        "cacheReadInputTokens": best(
            into.get("cacheReadInputTokenCount"),
            metrics.get("cacheReadInputTokenCount"),
            said.get("cacheReadInputTokens"),
            said.get("cache_read_input_tokens"),
        ),
        "cacheWriteInputTokens": best(
            into.get("cacheWriteInputTokenCount"),
            metrics.get("cacheWriteInputTokenCount"),
            said.get("cacheWriteInputTokens"),
            said.get("cache_creation_input_tokens"),
        ),
    }
    known = {name: value for name, value in usage.items() if value is not None}
    written = count(known.get("cacheWriteInputTokens"), "input.cacheWriteInputTokenCount")
    lifetimes = _lifetimes(said)
    if written and sum(number for _, number in lifetimes) == written:
        known["cacheDetails"] = [{"ttl": ttl, "inputTokens": number} for ttl, number in lifetimes]
    return known


def _lifetimes(said: dict[str, Any]) -> list[tuple[str, int]]:
    """(lifetime, tokens) of cache writes, which only the body tells."""
    found = []
    details = said.get("cacheDetails")
    for item in details if isinstance(details, list) else []:
        ttl, number = text(dig(item, "ttl")), count(dig(item, "inputTokens"), "cacheDetails.inputTokens")
        if ttl and number:
            found.append((ttl, number))
    if found:
        return found
    created = as_object(said.get("cache_creation"))
    for name, ttl in _LIFETIMES.items():
        number = count(created.get(name), f"cache_creation.{name}")
        if number:
            found.append((ttl, number))
    return found


def _body(given: dict[str, Any]) -> dict[str, Any]:
    """The response body: an object, its text, or the events of a stream merged into one."""
    body = dig(given, "output", "outputBodyJson")
    if isinstance(body, str):
        try:
            body = loads(body)
        except (ValueError, RecursionError):
            return {}
    return merged_stream(stream_pieces(body)) if isinstance(body, list) else as_object(body)


def _tier(given: dict[str, Any], body: dict[str, Any]) -> str | None:
    for holder in (given, body):
        value = holder.get("serviceTier")
        found = text(value.get("type")) if isinstance(value, dict) else text(value)
        if found:
            return found
    return None
