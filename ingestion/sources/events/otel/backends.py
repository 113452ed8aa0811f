"""Spans as products give them back: Datadog, Braintrust, Weave, Sentry, Honeycomb, New Relic, Dynatrace, Opik.

Put here: fields of such records, pages of their APIs. Keep out: spans of OpenTelemetry in other clothes
(`spans_alone`), traces of clouds (`clouds`), which spans count (`traces`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingestion.reading.lines import loads
from ingestion.sources.events.otel.attributes import SPAN_TAGS
from ingestion.sources.events.otel.spans_alone import Attributes, Spanned, is_alone, nanoseconds, span_of, unfolded
from ingestion.sources.events.usage_shapes.batches import content_id
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, decimal, dig

_USAGE = "gen_ai.usage."
_NEW_RELIC = ("response.usage.", "usage.")
_ROW_TIMES = ("Timestamp", "timestamp", "time", "@timestamp", "start_time")


def backend_span(value: Attributes) -> Spanned | None:
    """(resource attributes, OTLP span) of a span as a backend gives it back; None for any other record."""
    return next((found for read in _BACKENDS if (found := read(value)) is not None), None)


def tells_of_span(value: Attributes) -> bool:
    """Whether a record is one span in any of these forms, right or wrong."""
    try:
        return is_alone(value) or backend_span(value) is not None
    except BadValue:
        return True


_PAGES = ("data", "spans", "events", "objects", "calls", "results", "content", "records")


def listed_spans(value: Attributes) -> list[Any]:
    """The spans of a page of an API, of results of NRQL or of DQL; none where it is no page of spans."""
    holder = as_object(value.get("result")) or value  # Dynatrace
    found: list[Any] = next((holder[name] for name in _PAGES if isinstance(holder.get(name), list)), [])
    if found and all(isinstance(dig(each, "events"), list) for each in found):  # New Relic
        found = [event for each in found for event in each["events"]]
    return found if all(isinstance(each, dict) and tells_of_span(each) for each in found) else []


def _datadog(row: Attributes) -> Spanned | None:
    """LLM Observability of Datadog: what its SDK sends, and what its export API lists."""
    if isinstance(row.get("attributes"), dict) and "span_kind" in row["attributes"]:
        row = row["attributes"]
    told, metrics = as_object(row.get("meta")), as_object(row.get("metrics"))
    kind = row.get("span_kind") or told.get("span.kind") or dig(told, "span", "kind") or told.get("kind")
    named = as_object(told.get("metadata")) | told
    if "metrics" not in row or kind is None or "span_id" not in row:
        return None
    start = _units(row, {"start_ns": 1, "start_ms": 1_000_000, "start": 1})
    took = _units(row, {"duration": 1, "duration_ms": 1_000_000})
    end = _ended(start, took)
    attributes = {
        "gen_ai.operation.name": kind,
        "gen_ai.request.model": row.get("model_name") or named.get("model_name"),
        "gen_ai.provider.name": row.get("model_provider") or named.get("model_provider"),
        "session.id": row.get("session_id"),
        SPAN_TAGS: row.get("tags"),
        **{f"gen_ai.usage.{name}": item for name, item in metrics.items() if "token" in name},
        "gen_ai.usage.cost": _scaled(metrics.get("estimated_total_cost"), _NANODOLLAR),
    }
    status = row.get("status")
    return {"service.name": row.get("ml_app")}, span_of(
        row["span_id"], row.get("trace_id"), row.get("parent_id"), start, end, attributes, status
    )


def _braintrust(row: Attributes) -> Spanned | None:
    """A row of Braintrust's logs or experiments."""
    metrics, about = as_object(row.get("metrics")), as_object(row.get("span_attributes"))
    if "root_span_id" not in row or not about:
        return None
    given = row.get("span_parents")
    parents = loads(given) if isinstance(given, str) and given.startswith("[") else given
    start = nanoseconds(metrics.get("start") or row.get("created"), "metrics.start")
    attributes = {
        "braintrust.metrics": {name: item for name, item in metrics.items() if "token" in name},
        "braintrust.metadata": as_object(row.get("metadata")),
        "braintrust.span_attributes": about,
        "gen_ai.usage.cost": metrics.get("estimated_cost"),
        SPAN_TAGS: row.get("tags"),
    }
    error = "error" if row.get("error") else None
    parent = parents[0] if isinstance(parents, list) and parents else None
    end = nanoseconds(metrics.get("end"), "metrics.end")
    return {}, span_of(row.get("span_id"), row["root_span_id"], parent, start, end, attributes, error)


def _weave(row: Attributes) -> Spanned | None:
    """A call of W&B Weave, whose summary holds the usage of everything below it by model."""
    used = as_object(dig(as_object(row.get("summary")), "usage"))
    if "op_name" not in row or "started_at" not in row:
        return None
    attributes: Attributes = {}
    if len(used) == 1:
        model, counters = next(iter(used.items()))
        attributes["gen_ai.request.model"] = model
        attributes |= {f"gen_ai.usage.{name}": item for name, item in as_object(counters).items()}
        attributes["gen_ai.usage.cost"] = _weave_cost(row, model)
    elif used:
        sums = {f"{model}.total_tokens": dig(counters, "total_tokens") for model, counters in used.items()}
        attributes = {"gen_ai.operation.name": "agent", **{f"gen_ai.usage.{name}": n for name, n in sums.items()}}
    status = "error" if row.get("exception") else None
    start, end = nanoseconds(row["started_at"], "started_at"), nanoseconds(row.get("ended_at"), "ended_at")
    return {}, span_of(row.get("id"), row.get("trace_id"), row.get("parent_id"), start, end, attributes, status)


def _weave_cost(row: Attributes, model: str) -> str | None:
    """What Weave reckons that the tokens of a call cost."""
    told = as_object(dig(as_object(row.get("summary")), "weave", "costs", model))
    parts = [decimal(item, name) or Decimal(0) for name, item in told.items() if name.endswith("_tokens_total_cost")]
    return format(sum(parts), "f") if parts else None


def _opik(row: Attributes) -> Spanned | None:
    """A span of Opik, whose usage may repeat the provider's own below `original_usage`."""
    if row.get("type") not in ("llm", "general", "tool", "guardrail") or not {"trace_id", "start_time"} <= row.keys():
        return None
    used = as_object(row.get("usage"))
    if "id" not in row or not ("parent_span_id" in row or "total_estimated_cost" in row or used):
        return None
    start, end = (nanoseconds(row.get(name), name) for name in ("start_time", "end_time"))
    attributes = {
        "gen_ai.operation.name": "chat" if row["type"] == "llm" else "agent" if row["type"] == "general" else "tool",
        "gen_ai.provider.name": row.get("provider"),
        "gen_ai.request.model": row.get("model"),
        "gen_ai.usage.cost": row.get("total_estimated_cost") or None,
        SPAN_TAGS: row.get("tags"),
        **{f"gen_ai.usage.{name}": item for name, item in used.items()},
    }
    status = "error" if row.get("error_info") else None
    parent = row.get("parent_span_id")
    return {}, span_of(row["id"], row["trace_id"], parent, start, end, attributes, status)


def _sentry(row: Attributes) -> Spanned | None:
    """A span of Sentry, whose attributes are its data."""
    data = as_object(row.get("data"))
    if not data or "start_timestamp" not in row or "span_id" not in row:
        return None
    start, end = (nanoseconds(row.get(name), name) for name in ("start_timestamp", "timestamp"))
    attributes = unfolded(data)
    return {}, span_of(
        row["span_id"], row.get("trace_id"), row.get("parent_span_id"), start, end, attributes, row.get("status")
    )


def _flat(row: Attributes) -> Spanned | None:
    """An event of Honeycomb, a record of Dynatrace or a line of a gateway's access log: all as columns, which stores of
    logs nest at the dots of their names."""
    if isinstance(row.get("gen_ai"), dict):
        row = unfolded(row)
    has_usage = any(str(name).startswith(_USAGE) for name in row)
    if not (isinstance(row.get("trace.span_id"), str) or isinstance(row.get("span.id"), str)) and not has_usage:
        return None
    start = nanoseconds(next((row[name] for name in _ROW_TIMES if row.get(name)), None), _ROW_TIMES[0])
    took = _units(row, {"duration_ms": 1_000_000})
    end = _ended(start, took) or nanoseconds(row.get("end_time"), "end_time")
    resource = {name: row.get(name) for name in ("service.name", "deployment.environment")}
    failed = "error" if row.get("error") in (True, "true") else None
    return resource, span_of(
        row.get("trace.span_id") or row.get("span.id") or row.get("x-request-id") or content_id(row),
        row.get("trace.trace_id") or row.get("trace.id"),
        row.get("trace.parent_id") or row.get("span.parent_id"),
        start,
        end,
        row,
        failed,
    )


def _new_relic(row: Attributes) -> Spanned | None:
    """A summary of a chat completion, or an embedding, as an agent of New Relic records it."""
    if "vendor" not in row or not ("request.model" in row or "response.model" in row):
        return None
    start = nanoseconds(row.get("timestamp"), "timestamp")
    took = _units(row, {"duration": 1_000_000})
    is_embedding = str(row.get("eventType") or "").startswith("LlmEmbedding") or "input" in row
    used = {
        f"gen_ai.usage.{name.removeprefix(prefix)}": item
        for name, item in row.items()
        for prefix in _NEW_RELIC
        if name.startswith(prefix)
    }
    attributes = {
        "gen_ai.operation.name": "embeddings" if is_embedding else "chat",
        "gen_ai.provider.name": row["vendor"],
        "gen_ai.request.model": row.get("request.model"),
        "gen_ai.response.model": row.get("response.model"),
        **used,
    }
    end = _ended(start, took)
    failed = "error" if row.get("error") in (True, "true") else None
    return {"service.name": row.get("appName")}, span_of(
        row.get("id") or row.get("span_id"), row.get("trace_id"), None, start, end, attributes, failed
    )


_NANODOLLAR = Decimal("1e-9")


def _scaled(value: Any, factor: Decimal) -> str | None:
    number = decimal(value, "cost")
    return None if number is None else format(number * factor, "f")


def _ended(start: str | None, took: str | None) -> str | None:
    return str(int(start) + int(took)) if start and took else None


def _units(row: Attributes, units: dict[str, int]) -> str | None:
    """The first of several numbers as nanoseconds, by how many of them each unit has."""
    for name, factor in units.items():
        value = row.get(name)
        if isinstance(value, int | str) and not isinstance(value, bool) and str(value).replace(".", "", 1).isdigit():
            return str(int(Decimal(str(value)) * factor))
    return None


_BACKENDS = (_datadog, _braintrust, _weave, _opik, _sentry, _flat, _new_relic)
