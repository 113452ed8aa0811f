"""Spans that stand alone in a line or row: as exporters to files and SDKs print them, and as backends give them back.

Put here: fields of such forms. Keep out: documents that hold many spans (`trace_forms`), which spans count (`traces`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.reading.lines import loads
from ingestion.sources.events.otel.attributes import flatten
from ingestion.sources.events.usage_shapes.batches import content_id
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig, instant, text

Attributes = dict[str, Any]
Spanned = tuple[Attributes, Any]
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive UTC as everywhere here
_HEADS = ("llm", "gen_ai", "openinference", "embedding", "reranker", "session", "user", "ai")
_DEEPEST = 6
_USAGE = "gen_ai.usage."
_NEW_RELIC = ("response.usage.", "usage.")
_ROW_TIMES = ("Timestamp", "timestamp", "time", "@timestamp", "start_time")
_BODIES = ("usage", "usageMetadata", "response", "body")


def bare(identity: Any) -> Any:
    """An id without the mark of hexadecimal numbers."""
    return identity.removeprefix("0x") if isinstance(identity, str) else identity


def nanoseconds(value: Any, field: str) -> str | None:
    """An instant as Unix nanoseconds. Raises `BadValue`."""
    at = instant(value, field)
    return None if at is None else str((at - _EPOCH) // timedelta(microseconds=1) * 1000)


def unfolded(attributes: Attributes) -> Attributes:
    """Attributes that are nested at the dots of their names, under their whole names."""
    found: Attributes = {}
    rest = list(attributes.items())
    while rest:
        name, item = rest.pop()
        if isinstance(item, dict) and name.split(".")[0] in _HEADS and name.count(".") < _DEEPEST:
            rest += [(f"{name}.{key}", part) for key, part in item.items()]
        else:
            found[name] = item
    return found


def is_alone(value: Attributes) -> bool:
    """Whether a record is one span with its attributes in an object or list."""
    if (inner := _inner(value)) is not value:
        return is_alone(inner)
    has_ids = bool(_identity(value, "trace") and _identity(value, "span"))
    is_call = any(name in _BODIES or "token" in str(name).lower() for name in value)
    return has_ids and not is_call and attributes_of(value) is not None


_SURE = ("attributes", "SpanAttributes")
_PERHAPS = ("customDimensions", "labels", "tags", "Properties", "attributes_string", "attributes_number")


def _inner(value: Attributes) -> Attributes:
    """A document of a search engine or a shipper without what lies around it."""
    inner = next((value[name] for name in ("_source", "event") if isinstance(value.get(name), dict)), None)
    return inner if inner is not None and "trace" in str(list(inner)).lower() else value


def attributes_of(span: Attributes) -> Attributes | None:
    """What a span says of itself, under whatever name a store keeps it; None for a record of something else."""
    if any(name in span for name in _SURE):
        return unfolded(
            flatten(as_object(found) or found if (found := span.get(_SURE[0])) else as_object(span.get(_SURE[1])))
        )
    merged = {name: item for key in _PERHAPS for name, item in as_object(span.get(key)).items()}
    return unfolded(merged) if any(str(name).split(".")[0] in _HEADS for name in merged) else None


def alone(span: Attributes) -> Iterator[Spanned]:
    """One span in a line of its own: as exporters to files and SDKs of JavaScript print it, or a row of a store."""
    span = _inner(span)
    holder = span.get("resource")
    resource = (
        flatten(holder.get("attributes")) if isinstance(holder, dict) else as_object(span.get("ResourceAttributes"))
    )
    start = _clock(span, "startTime", "startTimeUnixNano", "start_time_unix_nano", "start_time", *_TIMES)
    took = span.get("duration")
    end = _clock(span, "endTime", "endTimeUnixNano", "end_time_unix_nano", "end_time")
    if end is None and isinstance(span.get("timestamp"), int) and isinstance(took, int) and start is not None:
        end = str(int(start) + took * 1000)
    parents = ("parentSpanId", "parent_span_id", "ParentSpanId", "parentSpanID", "parentId", "operation_ParentId")
    parent = next((span[name] for name in parents if span.get(name)), dig(span, "parentSpanContext", "spanId"))
    failed = span.get("StatusCode") in ("Error", "STATUS_CODE_ERROR") or span.get("success") in (False, "False")
    status = "error" if failed else span.get("status")
    ids = _identity(span, "span"), _identity(span, "trace")
    yield resource, _span(*ids, parent, start, end, attributes_of(span) or {}, status)


_TIMES = ("timestamp", "Timestamp", "@timestamp")


def _identity(span: Attributes, of: str) -> Any:
    """The id of a span or its trace, in whatever case; some call a span's just `id`."""
    names = [f"{of}Id", f"{of}_id", f"{of}ID", f"{of.capitalize()}Id"]
    names += ["operation_Id"] if of == "trace" else []
    names += ["id"] if of == "span" and "duration" in span else []
    return next((span[name] for name in names if isinstance(span.get(name), str) and span[name]), None)


def _clock(span: Attributes, *names: str) -> str | None:
    """The first of several times as nanoseconds: seconds and nanoseconds as JavaScript keeps them, or any instant."""
    name = next((name for name in names if span.get(name) not in (None, "")), names[0])
    value = span.get(name)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return str(value[0] * 1_000_000_000 + value[1])
    return str(value) if "UnixNano" in name or "unix_nano" in name else nanoseconds(value, name)


def _span(
    identity: Any, trace: Any, parent: Any, start: str | None, end: str | None, attributes: Attributes, status: Any
) -> Attributes:
    is_error = status in ("error", "ERROR", 2)
    return {
        "spanId": text(identity),
        "traceId": text(trace),
        "parentSpanId": None if parent in ("undefined", "0", 0) else text(parent),
        "startTimeUnixNano": start,
        "endTimeUnixNano": end,
        "status": {"code": 2} if is_error else status if isinstance(status, dict) else None,
        "attributes": attributes,
    }


def backend_span(value: Attributes) -> Spanned | None:
    """(resource attributes, OTLP span) of a span as a backend gives it back; None for any other record."""
    return next((found for read in _BACKENDS if (found := read(value)) is not None), None)


def tells_of_span(value: Attributes) -> bool:
    """Whether a record is one span in any of these forms, right or wrong."""
    try:
        return is_alone(value) or backend_span(value) is not None
    except BadValue:
        return True


_PAGES = ("data", "spans", "events", "objects", "calls", "results")


def listed_spans(value: Attributes) -> list[Any]:
    """The spans of a page of an API; none where it is no page of spans."""
    found: list[Any] = next((value[name] for name in _PAGES if isinstance(value.get(name), list)), [])
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
        **{f"gen_ai.usage.{name}": item for name, item in metrics.items() if "token" in name},
    }
    status = row.get("status")
    return {"service.name": row.get("ml_app")}, _span(
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
    }
    error = "error" if row.get("error") else None
    parent = parents[0] if isinstance(parents, list) and parents else None
    end = nanoseconds(metrics.get("end"), "metrics.end")
    return {}, _span(row.get("span_id"), row["root_span_id"], parent, start, end, attributes, error)


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
    elif used:
        sums = {f"{model}.total_tokens": dig(counters, "total_tokens") for model, counters in used.items()}
        attributes = {"gen_ai.operation.name": "agent", **{f"gen_ai.usage.{name}": n for name, n in sums.items()}}
    status = "error" if row.get("exception") else None
    start, end = nanoseconds(row["started_at"], "started_at"), nanoseconds(row.get("ended_at"), "ended_at")
    return {}, _span(row.get("id"), row.get("trace_id"), row.get("parent_id"), start, end, attributes, status)


def _sentry(row: Attributes) -> Spanned | None:
    """A span of Sentry, whose attributes are its data."""
    data = as_object(row.get("data"))
    if not data or "start_timestamp" not in row or "span_id" not in row:
        return None
    start, end = (nanoseconds(row.get(name), name) for name in ("start_timestamp", "timestamp"))
    attributes = unfolded(data)
    return {}, _span(
        row["span_id"], row.get("trace_id"), row.get("parent_span_id"), start, end, attributes, row.get("status")
    )


def _flat(row: Attributes) -> Spanned | None:
    """An event of Honeycomb or a line of a gateway's access log: ids, times and attributes as columns."""
    has_usage = any(str(name).startswith(_USAGE) for name in row)
    if not isinstance(row.get("trace.span_id"), str) and not has_usage:
        return None
    start = nanoseconds(next((row[name] for name in _ROW_TIMES if row.get(name)), None), _ROW_TIMES[0])
    took = _units(row, {"duration_ms": 1_000_000})
    end = _ended(start, took)
    resource = {name: row.get(name) for name in ("service.name", "deployment.environment")}
    failed = "error" if row.get("error") in (True, "true") else None
    return resource, _span(
        row.get("trace.span_id") or row.get("x-request-id") or content_id(row),
        row.get("trace.trace_id"),
        row.get("trace.parent_id"),
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
    return {"service.name": row.get("appName")}, _span(
        row.get("id") or row.get("span_id"), row.get("trace_id"), None, start, end, attributes, failed
    )


def _ended(start: str | None, took: str | None) -> str | None:
    return str(int(start) + int(took)) if start and took else None


def _units(row: Attributes, units: dict[str, int]) -> str | None:
    """The first of several numbers as nanoseconds, by how many of them each unit has."""
    for name, factor in units.items():
        value = row.get(name)
        if isinstance(value, int | str) and not isinstance(value, bool) and str(value).replace(".", "", 1).isdigit():
            return str(int(Decimal(str(value)) * factor))
    return None


_BACKENDS = (_datadog, _braintrust, _weave, _sentry, _flat, _new_relic)
