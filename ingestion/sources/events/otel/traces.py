"""Which spans of a file are calls that cost something, and their rows.

Put here: leaves, duplicates, conversion of a span. Keep out: attribute names (`attributes`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import Joint, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.otel.attributes import (
    SPAN_TAGS,
    SUMS,
    asks_model,
    first,
    flatten,
    has_usage,
    is_inference,
    is_tool,
    reranker,
    spread,
    token_like,
    trace_time,
    with_usage_of_events,
)
from ingestion.sources.events.otel.flat_names import with_usual_names
from ingestion.sources.events.otel.logs import LogCalls, as_log_export, is_log_export
from ingestion.sources.events.otel.metrics import Counters, is_metric_export
from ingestion.sources.events.otel.provider_metadata import ATTRIBUTE, charged
from ingestion.sources.events.otel.trace_forms import spans_of
from ingestion.sources.events.otel.tree import (
    Span,
    SpanKey,
    Spans,
    ancestors,
    beyond,
    fuller_above,
    joints,
    names_above,
    uncounted_rerankers,
    usage_above,
)
from ingestion.sources.events.otel.usage import span_counts, span_terms
from ingestion.sources.events.usage_shapes.batches import Row, has_counts
from ingestion.sources.events.usage_shapes.endpoints import read_endpoint
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.tiers import tier_in_details
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    as_object,
    instant,
    milliseconds,
    recorded_cost,
    tags,
    text,
)
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

EVENT_SOURCE = "otel"
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)
_RESOURCE_TAGS = ("service.name", "service.namespace", "k8s.namespace.name", "cloud.account.id")
KEPT_TEXT = 10_000
_ERROR_CODES = (2, "2", "STATUS_CODE_ERROR")


def read_traces(
    records: Iterable[Record | QuarantinedRow], *, counts_metrics: bool = False
) -> Iterator[Row | QuarantinedRow | Note | Joint]:
    """Bad records at once, rows after the whole file, notes at the end.

    Counted is every inference span with usage (or an error) that has no descendant inference span with usage,
    once per span id and once per response id. Usage that no such span shows goes to quarantine.
    """
    file = Spans()
    logs = LogCalls()
    counters = Counters()
    metrics = 0
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        logged = as_log_export(record.value)
        if is_log_export(logged):
            yield from logs.read(record.number, logged)
            continue
        if is_metric_export(record.value):
            metrics += not counts_metrics
            if counts_metrics:
                yield from counters.read(record.number, record.value)
            continue
        spans = spans_of(record.value)
        if spans is None and isinstance(record.value, dict) and record.value.get("type") == "metric":
            metrics += 1  # a line beside spans alone in lines
            continue
        if spans is None:
            message = (
                'Not an OTLP export: there is no "resourceSpans" or "resourceLogs". Export traces or logs as OTLP JSON.'
            )
            yield quarantined(record.number, "not_a_trace_export", message, record.text, "resourceSpans")
            continue
        try:
            yield from filter(None, [_take(record.number, resource, span, file) for resource, span in spans])
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, record.text, bad.field)
    yield from filter(None, [_take(*event, file) for event in logs.events(file)])
    yield from _counted(file)
    yield from logs.notes()
    yield from counters.rows()
    if metrics:
        message = (
            f"{counted(metrics, 'export', 'exports')} of metrics not counted, as logs and traces tell the "
            "same calls one by one. If "
            "there are none of those, put the file into otel/metrics_only/, or export logs: Claude Code does with "
            "OTEL_LOGS_EXPORTER"
        )
        yield Note("usage_without_row", message, count=metrics)


def _take(number: int, resource: dict[str, Any], span: Any, file: Spans) -> QuarantinedRow | None:
    try:
        if not isinstance(span, dict) or not text(span.get("spanId")):
            raise BadValue("spanId", "missing_span_id", "A span without spanId. Export spans unchanged.")
        key = (text(span.get("traceId")) or "", text(span.get("spanId")) or "")
        file.present.add(key)
        parent = text(span.get("parentSpanId"))
        if parent and parent != key[1]:
            file.parents[key] = (key[0], parent)
        attributes = with_usual_names(spread(with_usage_of_events(span, flatten(span.get("attributes")))))
        if attributes.get("logfire.span_type") == "pending_span":  # it is written again when it ends
            return None
        if is_tool(attributes):
            file.tools.add(key)
        is_call, has_tokens = is_inference(attributes), has_usage(attributes)
        if not is_call and not has_tokens:
            file.rerankers.update(filter(None, [reranker(attributes)]))
            if names := [name for name in token_like(attributes) if not name.startswith(SUMS)]:
                file.passed_over[key] = number, names
            return None
        if key in file.spans:
            file.repeated += 1
            return None
        row = span_row(key, span, attributes, resource) if is_call else None
        if row and has_tokens and row["status"] == "ok" and not has_counts(row):
            shown = ", ".join(token_like(attributes))[:300] or "none of them"
            message = f"No counter is known among the span's attributes: {shown}. Report it with this example."
            raise BadValue("gen_ai.usage", "no_known_counter", message)
        response_id = text(first(attributes, "response_id"))
        file.spans[key] = Span(number, row, has_tokens, response_id, str(span)[:KEPT_TEXT], asks_model(attributes))
    except BadValue as bad:
        return quarantined(number, bad.reason, bad.message, str(span), bad.field)
    except _UNREADABLE as error:
        message = f"The span cannot be read ({type(error).__name__}: {error}): see docs/sources/otel.md"
        return quarantined(number, "unreadable_record", message, str(span))
    return None


def _counted(file: Spans) -> Iterator[Row | QuarantinedRow | Note | Joint]:
    calls = {key for key, span in file.spans.items() if span.row is not None}
    above_usage = ancestors(file, (key for key in calls if file.spans[key].has_usage))
    above_calls = ancestors(file, calls)
    counted_calls = {key for key in calls if file.spans[key].has_usage and key not in above_usage}
    told_above, named_above = fuller_above(file, counted_calls), names_above(file, counted_calls)
    seen: dict[str, Row] = {}
    rows: set[SpanKey] = set()
    sums = reused = 0
    for key, span in file.spans.items():
        if key in above_usage:
            sums += span.has_usage
        elif span.row is None:
            message = "An agent's or chain's tokens without its model calls. Export the inference spans below it too."
            yield quarantined(span.record, "usage_without_calls", message, span.text)
        elif not span.has_usage and span.row["status"] == "ok":
            if key not in above_calls and span.row.get("recorded_cost_usd"):
                rows.add(key)
                yield span.row | {"parent_event_id": beyond(file, key), "_source_row": span.record}
            elif key not in above_calls and (usage_above(file, key) or key) not in counted_calls:
                message = "A model call without token counts. Switch on usage in the instrumentation (and in streams)."
                yield quarantined(span.record, "missing_usage", message, span.text, "gen_ai.usage.input_tokens")
        elif span.response_id in seen and not _is_another(span.row, seen[span.response_id]):
            file.repeated += 1
        else:
            row = span.row | told_above.get(key, {}) | named_above.get(key, {}) | {"parent_event_id": beyond(file, key)}
            if span.response_id in seen:
                row, reused = row | {"event_id": f"{key[0]}:{key[1]}"}, reused + 1
            elif span.response_id:
                seen[span.response_id] = row
            rows.add(key)
            yield row | {"_source_row": span.record}
    if sums:
        yield Note(
            "other",
            f"not counted: {counted(sums, 'span that repeats', 'spans that repeat')} the tokens of the calls below",
            count=sums,
        )
    if reused:
        message = (
            f"{counted(reused, 'call', 'calls')} with the response id of another call, with other tokens; each counts"
        )
        yield Note("repeated_id", message, count=reused)
    if file.repeated:
        message = counted(file.repeated, "span", "spans") + " exported or instrumented twice; each counts once"
        yield Note("repeated_rows", message, count=file.repeated)
    yield from joints(file, rows, EVENT_SOURCE)
    apart = [key for key in file.passed_over if key not in above_usage and usage_above(file, key) not in counted_calls]
    yield from _passed_over([file.passed_over[key] for key in apart])
    yield from uncounted_rerankers(file)


_AT_ONCE = timedelta(seconds=1)


def _is_another(row: Row, first: Row) -> bool:
    """Whether two spans of one response id are two calls, as of a relay whose ids are constant.

    One call that two instrumentations show may be counted by them in two ways, at the same time.
    """
    is_equal = all(row.get(name) == first.get(name) for name in TOKEN_COLUMNS)
    return not is_equal and abs(row["requested_at_utc"] - first["requested_at_utc"]) > _AT_ONCE


def _passed_over(spans: list[tuple[int, list[str]]]) -> Iterator[Note]:
    """One note on spans that speak of tokens and are neither a call nor above one."""
    found = Counter(name for _, names in spans for name in names)
    if found:
        shown = ", ".join(f"{name} ({number})" for name, number in found.most_common(20))
        message = f"attributes that speak of tokens on spans that are no known call of a model: {shown}"
        yield Note("usage_without_row", message, row=spans[0][0], count=max(found.values()))


def span_row(key: SpanKey, span: dict[str, Any], attributes: dict[str, Any], resource: dict[str, Any]) -> Row:
    """The row of one inference span. Raises `BadValue`."""
    start = instant(trace_time(span.get("startTimeUnixNano"), "startTimeUnixNano"), "startTimeUnixNano")
    end = instant(trace_time(span.get("endTimeUnixNano"), "endTimeUnixNano"), "endTimeUnixNano")
    if start is None:
        message = "The span has no startTimeUnixNano. Export spans unchanged."
        raise BadValue("startTimeUnixNano", "missing_timestamp", message)
    provider = text(first(attributes, "provider"))
    endpoint = read_endpoint(text(first(attributes, "address")))
    error = _error(span, attributes)
    terms = span_terms(attributes)
    environment = resource.get("deployment.environment.name") or resource.get("deployment.environment")
    environment = environment or as_object(tags(attributes.get(SPAN_TAGS))).get("env")
    row: Row = {
        "event_id": text(first(attributes, "response_id")) or f"{key[0]}:{key[1]}",
        "event_source": EVENT_SOURCE,
        "requested_at_utc": start,
        "provider_name": provider or endpoint.provider,
        "requested_model": text(first(attributes, "request_model")),
        "served_model": text(first(attributes, "response_model")),
        "requested_service_tier": text(first(attributes, "requested_tier")),
        "served_service_tier": text(first(attributes, "served_tier"))
        or terms.get("served_service_tier")
        or tier_in_details(as_object(attributes.get("langsmith.usage_metadata"))),
        "region": terms.get("region") or endpoint.region or text(first(attributes, "region")),
        "speed": terms.get("speed"),
        "environment": text(environment),
        "feature": text(first(attributes, "agent")),
        "user_id": text(first(attributes, "user")),
        "session_id": text(first(attributes, "session")),
        "trace_id": key[0] or None,
        "tags": tags({name: resource.get(name) for name in _RESOURCE_TAGS}, attributes.get(SPAN_TAGS)),
        "status": "error" if error else "ok",
        "error_type": error,
        "is_billable": True,
        "duration_ms": milliseconds(start, end),
        **_cost(attributes),
        **span_counts(attributes, start),
    }
    return add_fees(row)


def _cost(attributes: dict[str, Any]) -> dict[str, Any]:
    if text(attributes.get("gen_ai.usage.cost.currency")) not in (None, "USD"):
        return {}
    taken, kind = charged(attributes)
    if taken is not None:
        return recorded_cost(_printed(taken), ATTRIBUTE, kind)
    return recorded_cost(_printed(first(attributes, "cost")), "gen_ai.usage.cost")


def _printed(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value


def _error(span: dict[str, Any], attributes: dict[str, Any]) -> str | None:
    """`error.type`, else the status message's kind, when the call failed."""
    given = text(first(attributes, "error"))
    status = span.get("status")
    if given is None and isinstance(status, dict) and status.get("code") in _ERROR_CODES:
        return "error"
    return given
