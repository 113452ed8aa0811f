"""From OTLP counters of coding agents (tokens, cost) to event rows: sums of calls, for people who have no logs.

Put here: series, temporality, resets, which counter is which. Keep out: single calls (`logs`, `traces`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import quarantined
from ingestion.sources.events.otel.attributes import flatten, trace_time
from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.values import BadValue, decimal, instant, recorded_cost, tags, text

METRICS_ONLY = "metrics_only"
"""Folder below `otel/` whose counters count: the person says by it that no log or trace tells the same calls."""
TOKENS = {
    "claude_code.token.usage": ("anthropic", "type"),
    "gemini_cli.token.usage": ("google", "type"),
}
COSTS = ("claude_code.cost.usage",)
_TYPES: dict[str, dict[str, str]] = {
    "anthropic": {
        "input": "input_tokens",
        "output": "output_tokens",
        "cacheRead": "cache_read_input_tokens",
        "cacheCreation": "cache_creation_input_tokens",
    },
    "google": {
        "input": "promptTokenCount",
        "cache": "cachedContentTokenCount",
        "output": "candidatesTokenCount",
        "thought": "thoughtsTokenCount",
        "tool": "toolUsePromptTokenCount",
    },
}
_PERSON = ("user.email", "user.account_uuid", "user.account_id", "user.id")
_CUMULATIVE = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")
_DELTA = (1, "1", "AGGREGATION_TEMPORALITY_DELTA")
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)
Attributes = dict[str, Any]


@dataclass(frozen=True)
class _Point:
    """One value of a series at an instant (nanoseconds)."""

    at: int
    start: int
    value: Decimal
    row: int


@dataclass
class _Series:
    """All points of one counter with one set of attributes."""

    metric: str
    resource: Attributes
    given: Attributes
    is_cumulative: bool
    points: dict[tuple[int, int], _Point] = field(default_factory=dict)
    """By start and time, so that what several exporters or a retry deliver counts once."""


class Counters:
    """The counters of a file, read together: a cumulative one means something only beside its earlier points."""

    def __init__(self) -> None:
        self.series: dict[str, _Series] = {}
        self.unread: dict[str, int] = {}
        self.continued = 0

    def read(self, number: int, export: dict[str, Any]) -> Iterator[QuarantinedRow]:
        """Take in one export request."""
        for resource, metric in _metrics(export):
            try:
                self._take(number, resource, metric)
            except BadValue as bad:
                yield quarantined(number, bad.reason, bad.message, None, bad.field)
            except _UNREADABLE as error:
                message = f"The metric cannot be read ({type(error).__name__}): see docs/sources/otel.md"
                yield quarantined(number, "unreadable_record", message)

    def rows(self) -> Iterator[Row | QuarantinedRow | Note]:
        """A row for each instant and set of attributes, its types of tokens and its cost together."""
        together: dict[str, tuple[_Series, _Point, dict[str, Decimal]]] = {}
        for series in self.series.values():
            kind = "cost" if series.metric in COSTS else text(series.given.get(TOKENS[series.metric][1])) or ""
            shared = {name: value for name, value in series.given.items() if name != "type"}
            for point, used in self._increments(series):
                key = repr((series.metric.split(".")[0], _key(series.resource), _key(shared), point.at))
                _, _, values = together.setdefault(key, (series, point, {}))
                values[kind] = values.get(kind, Decimal(0)) + used
        for key, (series, point, values) in together.items():
            try:
                row = _row(series, point, values)
            except BadValue as bad:
                yield quarantined(point.row, bad.reason, bad.message, None, bad.field)
                continue
            row["event_id"] = "otlp-metric:" + hashlib.sha256(key.encode()).hexdigest()[:32]
            yield row
        yield from self._notes(len(together))

    def _notes(self, count: int) -> Iterator[Note]:
        if count:
            message = (
                f"{counted(count, 'sum', 'sums')} of calls from metrics: the cost is approximate, as context "
                "steps, cache lifetimes and "
                "the number of calls are not told"
            )
            yield Note("other", message, count=count)
        for name, points in sorted(self.unread.items()):
            said = counted(points, "export", "exports")
            message = f"{name[:80]} in {said} is not read, its tokens count nowhere: export logs or traces"
            yield Note("unknown_usage", message, count=points)
        if self.continued:
            message = (
                f"{self.continued} counters began before this file; what they had counted by then counts here. Keep "
                "the rotated files of one collector in one file, or export delta temporality"
            )
            yield Note("other", message, count=self.continued)

    def _take(self, number: int, resource: Attributes, metric: dict[str, Any]) -> None:
        name = text(metric.get("name")) or ""
        if name not in TOKENS and name not in COSTS:
            if "token" in name:
                self.unread[name] = self.unread.get(name, 0) + 1
            return
        holder = metric.get("sum")
        if not isinstance(holder, dict):
            raise BadValue("sum", "not_a_counter", f"{name} is no counter. Export it unchanged.")
        temporality = holder.get("aggregationTemporality", holder.get("aggregation_temporality"))
        if temporality not in (*_CUMULATIVE, *_DELTA):
            raise BadValue("aggregationTemporality", "unknown_temporality", f"{name}: neither delta nor cumulative.")
        for each in holder.get("dataPoints") or holder.get("data_points") or []:
            given = flatten(each.get("attributes"))
            key = repr((name, _key(resource), _key(given)))
            series = self.series.setdefault(key, _Series(name, resource, given, temporality in _CUMULATIVE))
            at = _nanoseconds(each, "timeUnixNano", "time_unix_nano")
            start = _nanoseconds(each, "startTimeUnixNano", "start_time_unix_nano")
            if not at:
                raise BadValue("timeUnixNano", "missing_timestamp", f"A point of {name} has no time.")
            printed = next((each[key] for key in ("asInt", "asDouble", "as_int", "as_double") if key in each), None)
            value = decimal(repr(printed) if isinstance(printed, float) else text(printed), "asInt")
            if value is None or value < 0:
                raise BadValue("asInt", "invalid_number", f"A point of {name} has no value that can be counted.")
            series.points[start, at] = _Point(at, start, value, number)

    def _increments(self, series: _Series) -> Iterator[tuple[_Point, Decimal]]:
        """What was used up to each point since the one before. A new start, or a value that falls, is a reset."""
        before: _Point | None = None
        for point in sorted(series.points.values(), key=lambda each: (each.at, each.start)):
            used = point.value
            if series.is_cumulative:
                if before is not None and before.start == point.start and point.value >= before.value:
                    used = point.value - before.value
                elif before is None and point.start and point.at - point.start > 3_600 * 10**9:
                    self.continued += 1
                before = point
            if used:
                yield point, used


def _row(series: _Series, point: _Point, values: dict[str, Decimal]) -> Row:
    given, resource = series.given, series.resource
    provider = "google" if series.metric.startswith("gemini") else "anthropic"
    cost = values.pop("cost", None)
    known = _TYPES[provider]
    unknown = next((kind for kind in values if kind not in known), None)
    if unknown is not None:
        raise BadValue("type", "no_known_counter", f"{series.metric} has a type that is not known: {unknown[:60]!r}.")
    counts = {known[kind]: int(number) for kind, number in values.items()}
    read = {}
    if counts and provider == "google":
        counts["totalTokenCount"] = sum(number for name, number in counts.items() if name != "cachedContentTokenCount")
        read = gemini_counts(counts, "usageMetadata")
    elif counts:
        read = message_counts(counts)
    return {
        "event_source": "otel",
        "requested_at_utc": instant(str(point.at), "timeUnixNano"),
        "provider_name": provider,
        "requested_model": text(given.get("model")),
        "account_id": text(given.get("organization.id")),
        "user_id": next((found for name in _PERSON if (found := text(given.get(name)))), None),
        "session_id": text(given.get("session.id")),
        "speed": {"normal": None}.get(text(given.get("speed")) or "normal", text(given.get("speed"))),
        "feature": text(given.get("query_source")),
        "status": "ok",
        "is_billable": True,
        "tags": tags(
            {name: resource.get(name) for name in resource if not name.startswith(("os.", "host.", "telemetry."))},
            {"signal": "metric"},
        ),
        "_source_row": point.row,
        **read,
        **recorded_cost(None if cost is None else format(cost, "f"), series.metric),
    }


def _nanoseconds(point: dict[str, Any], *names: str) -> int:
    given = next((point[name] for name in names if name in point), None)
    return int(trace_time(given, names[0]) or 0)


def _key(given: Attributes) -> str:
    return repr(sorted((name, str(value)) for name, value in given.items()))


def is_metric_export(value: Any) -> bool:
    """Whether a record is an export request of metrics."""
    return isinstance(value, dict) and ("resourceMetrics" in value or "resource_metrics" in value)


def _metrics(export: dict[str, Any]) -> Iterator[tuple[Attributes, dict[str, Any]]]:
    for part in export.get("resourceMetrics") or export.get("resource_metrics") or []:
        holder = part.get("resource") if isinstance(part, dict) else None
        resource = flatten(holder.get("attributes")) if isinstance(holder, dict) else {}
        for scope in part.get("scopeMetrics") or part.get("scope_metrics") or []:
            for metric in (scope.get("metrics") if isinstance(scope, dict) else None) or []:
                if isinstance(metric, dict):
                    yield resource, metric
