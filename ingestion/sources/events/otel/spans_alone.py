"""Spans of OpenTelemetry that stand alone in a line or row: as exporters to files and SDKs print them, and as stores
keep them.

Put here: fields of such forms. Keep out: records of products (`backends`), documents that hold many spans
(`trace_forms`), which spans count (`traces`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ingestion.sources.events.otel.attributes import flatten
from ingestion.sources.events.usage_shapes.values import as_object, dig, instant, text

Attributes = dict[str, Any]
Spanned = tuple[Attributes, Any]
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive UTC as everywhere here
_HEADS = ("llm", "gen_ai", "openinference", "embedding", "reranker", "session", "user", "ai")
_DEEPEST = 6
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
    yield resource, span_of(*ids, parent, start, end, attributes_of(span) or {}, status)


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


def span_of(
    identity: Any, trace: Any, parent: Any, start: str | None, end: str | None, attributes: Attributes, status: Any
) -> Attributes:
    """A span as OTLP JSON has it."""
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
