"""Traces as clouds give them back: Google Cloud Trace (both versions of its API) and AWS X-Ray.

Put here: their documents, spellings and clocks. Keep out: which spans count (`traces`), names of attributes
(`attributes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingestion.sources.events.otel.spans_alone import Attributes, Spanned, nanoseconds, span_of
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

_INDEXED = re.compile(
    r"(gen_ai)_(usage|request|response|operation|provider|agent|conversation|output|system)(?:_(.+))?"
)
"""An attribute as an annotation of X-Ray, whose names hold no dots."""


def cloud_spans(value: Attributes) -> Iterator[Spanned] | None:
    """(resource attributes, OTLP span) of a document of such a trace, a list of them or one span; None for others."""
    traces = value.get("traces")
    if isinstance(traces, list) and traces and all(_is_google(each) for each in traces):
        return (span for each in traces for span in _google(each))
    if _is_google(value):
        return _google(value)
    if isinstance(dig(value, "attributes", "attributeMap"), dict):
        return iter([_google_2(value)])
    if isinstance(value.get("Traces"), list):
        segments = (part for each in value["Traces"] for part in as_object(each).get("Segments") or [])
        return (span for part in segments for span in _x_ray(as_object(dig(part, "Document")), None, None))
    return _x_ray(value, None, None) if _is_segment(value) else None


def _is_google(value: Any) -> bool:
    spans = dig(value, "spans")
    return isinstance(dig(value, "traceId"), str) and isinstance(spans, list) and "projectId" in value


def _google(trace: Attributes) -> Iterator[Spanned]:
    for span in filter(None, map(as_object, trace["spans"])):
        start, end = _clocks(span, "startTime", "endTime")
        labels = as_object(span.get("labels"))
        status = "error" if labels.get("error") or labels.get("/error/message") else None
        ids = _hexadecimal_64(span.get("spanId")), trace["traceId"], _hexadecimal_64(span.get("parentSpanId"))
        yield {}, span_of(*ids, start, end, labels, status)


def _hexadecimal_64(identity: Any) -> str | None:
    """The id of a span as OpenTelemetry has it, of a whole number; 0 is none."""
    number = text(identity) or "0"
    return (format(int(number), "016x") if number.isdecimal() else number) if number != "0" else None


def _google_2(span: Attributes) -> Spanned:
    given = {name: _google_value(item) for name, item in span["attributes"]["attributeMap"].items()}
    trace = re.search(r"/traces/([^/]+)/", str(span.get("name")))
    start, end = _clocks(span, "startTime", "endTime")
    status = "error" if dig(span, "status", "code") not in (None, 0) else None
    parent = span.get("parentSpanId") or None
    return {}, span_of(span.get("spanId"), trace[1] if trace else None, parent, start, end, given, status)


def _google_value(item: Any) -> Any:
    found: Any = next((part for part in as_object(item).values() if part is not None), None)
    return found.get("value") if isinstance(found, dict) else found


def _is_segment(value: Attributes) -> bool:
    is_timed = {"id", "trace_id", "start_time", "name"} <= value.keys()
    return is_timed and not {"subsegments", "metadata", "annotations", "aws"}.isdisjoint(value)


def _x_ray(segment: Attributes, trace: str | None, parent: Any) -> Iterator[Spanned]:
    """A segment and those below it."""
    trace = trace or _hexadecimal(segment.get("trace_id"))
    attributes = _annotated(as_object(segment.get("annotations")))
    for told in as_object(segment.get("metadata")).values():
        attributes |= as_object(told)
    start, end = _clocks(segment, "start_time", "end_time")
    status = "error" if segment.get("fault") is True or segment.get("error") is True else None
    above = segment.get("parent_id") or parent
    yield {}, span_of(segment.get("id"), trace, above, start, end, attributes, status)
    below = segment.get("subsegments")
    for part in below if isinstance(below, list) else []:
        yield from _x_ray(as_object(part), trace, segment.get("id"))


def _annotated(annotations: Attributes) -> Attributes:
    found = {}
    for name, item in annotations.items():
        known = _INDEXED.fullmatch(name)
        found[".".join(filter(None, known.groups())) if known else name] = item
    return found


def _hexadecimal(identity: Any) -> str | None:
    """The id of a trace as OpenTelemetry has it, of `1-5759e988-bd862e3fe1be46a994272793`."""
    found = re.fullmatch(r"1-([0-9a-f]{8})-([0-9a-f]{24})", text(identity) or "")
    return found[1] + found[2] if found else text(identity)


def _clocks(span: Attributes, *names: str) -> list[str | None]:
    return [nanoseconds(span.get(name), name) for name in names]
