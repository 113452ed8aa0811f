"""Spans of a trace in every form in which people have it: OTLP, what backends give back, what SDKs print.

Each becomes a span as OTLP JSON has it. Put here: envelopes, spellings and clocks of these forms. Keep out: which spans
count (`traces`), names of attributes (`attributes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ingestion.sources.events.otel.attributes import flatten
from ingestion.sources.events.otel.backends import backend_span, listed_spans
from ingestion.sources.events.otel.clouds import cloud_spans
from ingestion.sources.events.otel.spans_alone import alone, bare, is_alone, nanoseconds, unfolded
from ingestion.sources.events.usage_shapes.streams import stream_pieces
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig

Attributes = dict[str, Any]
_SNAKE = {
    "span_id": "spanId",
    "trace_id": "traceId",
    "parent_span_id": "parentSpanId",
    "start_time_unix_nano": "startTimeUnixNano",
    "end_time_unix_nano": "endTimeUnixNano",
}


def spans_of(value: Any) -> Iterator[tuple[Attributes, Any]] | None:
    """(resource attributes, OTLP span) of a record; None where it holds no trace."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("trace"), dict):  # Tempo's API, version 2
        return spans_of(value["trace"])
    for name in ("resourceSpans", "resource_spans", "batches"):  # `batches`: Tempo's API, version 1
        if isinstance(value.get(name), list):
            return _otlp(value[name])
    if isinstance(value.get("data"), list) and any(isinstance(dig(part, "processes"), dict) for part in value["data"]):
        return _jaeger(value["data"])
    if (of_mlflow := mlflow_spans(value)) is not None:
        return of_mlflow
    if isinstance(value.get("context.span_id"), str):  # a row of Phoenix's table of spans
        value = _row_of_table(value)
    if isinstance(dig(value, "context", "span_id"), str):
        return _printed(value)
    if (of_cloud := cloud_spans(value)) is not None:
        return of_cloud
    if listed := listed_spans(value):
        return chain.from_iterable(spans_of(each) or () for each in listed)
    if (of_backend := backend_span(value)) is not None:
        return iter([of_backend])
    if value.get("span_id") and "start_timestamp" in value:
        return _queried(value)
    return alone(value) if is_alone(value) else None


_MLFLOW_SUM = "mlflow.trace.tokenUsage"


def mlflow_spans(value: Attributes) -> Iterator[tuple[Attributes, Any]] | None:
    """Spans of a trace of MLflow, or of a row of its table of traces; None for another record."""
    told = as_object(value.get("info")) or value
    metadata = as_object(told.get("trace_metadata")) or as_object(told.get("request_metadata"))
    spans = dig(value, "data", "spans")
    if spans is None and (metadata or {"trace_id", "request_time"} <= value.keys()):
        spans = value.get("spans") or dig(as_object(value.get("trace")), "data", "spans")
    found = stream_pieces(spans) if isinstance(spans, str | list) else []
    if not found and _MLFLOW_SUM in metadata:
        return _summed(metadata[_MLFLOW_SUM])
    return chain.from_iterable(map(_mlflow_span, found)) if spans is not None else None


def _summed(counters: Any) -> Iterator[tuple[Attributes, Any]]:
    message = f"The sum of a trace of MLflow without its spans: {str(counters)[:200]}. Export traces with their spans."
    raise BadValue(f"trace_metadata.{_MLFLOW_SUM}", "usage_without_calls", message)
    yield  # so that it is raised where spans are read


def _mlflow_span(span: Attributes) -> Iterator[tuple[Attributes, Any]]:
    if isinstance(dig(span, "context", "span_id"), str):
        return _printed(span)
    return iter([({}, {_SNAKE.get(name, name): item for name, item in span.items()})])


def _otlp(parts: list[Any]) -> Iterator[tuple[Attributes, Any]]:
    """`instrumentationLibrarySpans` is the name before 2022; snake case comes from dumps of protobuf."""
    for part in parts:
        if not isinstance(part, dict):
            continue
        holder = part.get("resource")
        resource = flatten(holder.get("attributes")) if isinstance(holder, dict) else {}
        names = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
        scopes: list[Any] = next((part[name] for name in names if isinstance(part.get(name), list)), [])
        for scope in scopes:
            spans = scope.get("spans") if isinstance(scope, dict) else None
            for span in spans if isinstance(spans, list) else []:
                is_snake = isinstance(span, dict) and "span_id" in span
                yield resource, {_SNAKE.get(name, name): item for name, item in span.items()} if is_snake else span


def _jaeger(traces: list[Any]) -> Iterator[tuple[Attributes, Any]]:
    """Jaeger's JSON, whose times are microseconds."""
    for trace in traces:
        processes = as_object(dig(trace, "processes"))
        spans = dig(trace, "spans")
        for span in spans if isinstance(spans, list) else []:
            if not isinstance(span, dict):
                continue
            process = as_object(processes.get(str(span.get("processID"))))
            parents = [dig(each, "spanID") for each in span.get("references") or [] if dig(each, "spanID")]
            start, tags = span.get("startTime"), _pairs(span.get("tags"))
            yield (
                {"service.name": process.get("serviceName"), **_pairs(process.get("tags"))},
                {
                    "spanId": span.get("spanID"),
                    "traceId": span.get("traceID"),
                    "parentSpanId": parents[0] if parents else None,
                    "startTimeUnixNano": f"{start}000" if isinstance(start, int) else start,
                    "endTimeUnixNano": _later(start, span.get("duration")),
                    "status": {"code": 2} if tags.get("error") in (True, "true") else None,
                    "attributes": tags,
                },
            )


def _pairs(tags: Any) -> Attributes:
    found = tags if isinstance(tags, list) else []
    return {item["key"]: item.get("value") for item in found if isinstance(item, dict) and "key" in item}


def _later(start: Any, duration: Any) -> str | None:
    return f"{start + duration}000" if isinstance(start, int) and isinstance(duration, int) else None


def _printed(span: Attributes) -> Iterator[tuple[Attributes, Any]]:
    """A span as the console exporter of the Python SDK prints it."""
    yield (
        as_object(dig(span, "resource", "attributes")),
        {
            "spanId": bare(dig(span, "context", "span_id")),
            "traceId": bare(dig(span, "context", "trace_id")),
            "parentSpanId": bare(span.get("parent_id")),
            "startTimeUnixNano": nanoseconds(span.get("start_time"), "start_time"),
            "endTimeUnixNano": nanoseconds(span.get("end_time"), "end_time"),
            "status": {"code": 2} if "ERROR" in (dig(span, "status", "status_code"), span.get("status_code")) else None,
            "attributes": unfolded(as_object(span.get("attributes"))),
        },
    )


def _row_of_table(row: Attributes) -> Attributes:
    """A span from columns such as `context.span_id` and `attributes.llm.model_name`."""
    attributes = {
        name.removeprefix("attributes."): item for name, item in row.items() if name.startswith("attributes.")
    }
    context = {name: row.get(f"context.{name}") for name in ("span_id", "trace_id")}
    return {**row, "context": context, "attributes": attributes}


def _queried(row: Attributes) -> Iterator[tuple[Attributes, Any]]:
    """A row of Logfire's table of records; a pending span is written again when it ends."""
    if row.get("kind") == "pending_span":
        return
    resource = as_object(row.get("otel_resource_attributes"))
    yield (
        {"service.name": row.get("service_name"), **resource},
        {
            "spanId": row.get("span_id"),
            "traceId": row.get("trace_id"),
            "parentSpanId": row.get("parent_span_id"),
            "startTimeUnixNano": nanoseconds(row.get("start_timestamp"), "start_timestamp"),
            "endTimeUnixNano": nanoseconds(row.get("end_timestamp"), "end_timestamp"),
            "status": {"code": 2} if row.get("is_exception") in (True, "true") else None,
            "attributes": as_object(row.get("attributes")),
        },
    )
