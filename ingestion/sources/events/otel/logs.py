"""From OTLP log records of coding agents (Claude Code, Codex, Gemini CLI) to event rows.

Put here: which records are calls, and their attributes. Keep out: spans (`traces`), metrics.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import quarantined
from ingestion.sources.events.otel.attributes import flatten, has_usage, token_like
from ingestion.sources.events.otel.tree import Spans
from ingestion.sources.events.plans import cover
from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.openai import responses_counts
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    count,
    decimal,
    instant,
    recorded_cost,
    tags,
    text,
)

Attributes = dict[str, Any]
_SPELLINGS = {
    "resourceLogs": ("resourceLogs", "resource_logs"),
    "scopeLogs": ("scopeLogs", "scope_logs", "instrumentationLibraryLogs"),
    "logRecords": ("logRecords", "log_records"),
    "eventName": ("eventName", "event_name"),
}
_TIMES = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")
_PLANS = ("chatgpt",)
_PERSON = ("user.email", "user.account_uuid", "user.account_id", "user.id")
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)


def _claude_counts(given: Attributes) -> Counts:
    names = {
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "cache_read_tokens": "cache_read_input_tokens",
        "cache_creation_tokens": "cache_creation_input_tokens",
    }
    return message_counts(_numbers(given, names))


def _codex_counts(given: Attributes) -> Counts:
    usage: dict[str, Any] = _numbers(
        given, {"input_token_count": "input_tokens", "output_token_count": "output_tokens"}
    )
    cached = _numbers(given, {"cached_token_count": "cached_tokens"})
    thought = _numbers(given, {"reasoning_token_count": "reasoning_tokens"})
    if cached:
        usage["input_tokens_details"] = cached
    if thought:
        usage["output_tokens_details"] = thought
    return responses_counts(usage)


def _gemini_counts(given: Attributes) -> Counts:
    names = {
        "input_token_count": "promptTokenCount",
        "cached_content_token_count": "cachedContentTokenCount",
        "output_token_count": "candidatesTokenCount",
        "thoughts_token_count": "thoughtsTokenCount",
        "tool_token_count": "toolUsePromptTokenCount",
        "total_token_count": "totalTokenCount",
    }
    return gemini_counts(_numbers(given, names), "usageMetadata")


def _numbers(given: Attributes, names: dict[str, str]) -> dict[str, int]:
    found = {target: count(given.get(name), name) for name, target in names.items()}
    return {name: number for name, number in found.items() if number is not None}


@dataclass(frozen=True)
class _Agent:
    """How one agent's records say that they are a call."""

    provider: str
    counts: Callable[[Attributes], Counts]
    needs: tuple[str, str] | None = None


_CALLS = {
    "claude_code.api_request": _Agent("anthropic", _claude_counts),
    "codex.sse_event": _Agent("openai", _codex_counts, ("event.kind", "response.completed")),
    "gemini_cli.api_response": _Agent("google", _gemini_counts),
}
_OF_FORKS = _Agent("", _gemini_counts)
"""Agents made from Gemini CLI (`qwen-code.api_response`) keep its attributes; whose models they call is not told."""
_EVENT = "gen_ai.client.inference.operation.details"
"""The event of the conventions, which agents write of a call beside their own record of it."""
_MODELS = ("gen_ai.request.model", "gen_ai.response.model")
_SHORT = {"api_request": "claude_code.api_request", "api_error": "claude_code.api_error"}
_FAILURES = {"claude_code.api_error": "anthropic", "gemini_cli.api_error": "google"}


@dataclass
class LogCalls:
    """The calls among the log records of a file, each once, and what else was there."""

    seen: set[str] = field(default_factory=set)
    repeated: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    """Records that speak of tokens and are no call that is known, by their name."""
    told_again: list[tuple[int, Attributes, dict[str, Any]]] = field(default_factory=list)
    """Events that repeat a span, or an agent's own record; without either they are the call."""

    def read(self, number: int, export: dict[str, Any]) -> Iterator[Row | QuarantinedRow]:
        """Rows of one export request."""
        for resource, log in _records(export):
            try:
                if _tells_of_a_call(log, resource):
                    self.told_again.append((number, resource, _as_span(log)))
                    continue
                row = self._row(resource, log)
            except BadValue as bad:
                yield quarantined(number, bad.reason, bad.message, None, bad.field)
                continue
            except _UNREADABLE as error:
                message = f"The log record cannot be read ({type(error).__name__}): see docs/sources/otel.md"
                yield quarantined(number, "unreadable_record", message)
                continue
            if row is not None:
                yield {**row, "_source_row": number}

    def events(self, file: Spans) -> Iterator[tuple[int, Attributes, dict[str, Any]]]:
        """(record, resource, span) of each event of a call that nothing else in the file tells of."""
        for number, resource, span in [] if self.seen else self.told_again:
            key = (text(span["traceId"]) or "", span["spanId"])
            known = file.spans.get(key)
            if known is None or not known.has_usage:
                file.spans.pop(key, None)
                yield number, resource, span

    def notes(self) -> Iterator[Note]:
        """What was left out, once for the file."""
        if self.repeated:
            yield Note(
                "repeated_rows",
                counted(self.repeated, "log record", "log records") + " exported twice; each counts once",
            )
        if self.passed_over:
            names = ", ".join(f"{name} ({number})" for name, number in self.passed_over.most_common(20))
            message = f"log records that speak of tokens and are no known call of a model: {names}"
            yield Note("usage_without_row", message, count=self.passed_over.total())

    def _row(self, resource: Attributes, log: dict[str, Any]) -> Row | None:
        given = flatten(log.get("attributes"))
        name = _event_name(log, given, resource)
        agent = _CALLS.get(name)
        if agent is None and name.endswith(".api_response") and "input_token_count" in given:
            agent = _OF_FORKS
        is_call = agent is not None and (agent.needs is None or text(given.get(agent.needs[0])) == agent.needs[1])
        if not is_call and name not in _FAILURES:
            if token_like(given):
                self.passed_over[name or "(no name)"] += 1
            return None
        counts = agent.counts(given) if agent is not None and is_call else {}
        if is_call and not counts:
            message = f"No counter is known among the attributes of {name}. Export log records unchanged."
            raise BadValue("attributes", "no_known_counter", message)
        row = _base_row(resource, log, given) | counts
        row["provider_name"] = text(given.get("gen_ai.provider.name")) or (
            (agent.provider or None) if agent is not None else _FAILURES[name]
        )
        if name in _FAILURES:
            row |= {"status": "error", "error_type": (text(given.get("error.type")) or "api_error")[:200]}
            row |= {"is_billable": False}
        elif (text(given.get("auth_mode")) or "").lower() in _PLANS:
            row = cover(row)
        row["event_id"] = _identity(row, given, name)
        if row["event_id"] in self.seen:
            self.repeated += 1
            return None
        self.seen.add(row["event_id"])
        return row


def _tells_of_a_call(log: dict[str, Any], resource: Attributes) -> bool:
    """Whether a record is the event of the conventions, or a line of a gateway's access log in their attributes."""
    given = flatten(log.get("attributes"))
    name = _event_name(log, given, resource)
    if name == _EVENT:
        return True
    is_an_agents = name in _CALLS or name in _FAILURES or name.endswith(".api_response")
    return not is_an_agents and any(text(given.get(model)) for model in _MODELS) and has_usage(given)


def _as_span(log: dict[str, Any]) -> dict[str, Any]:
    """An event as the span that it tells of."""
    stamp = next((log[name] for name in _TIMES if log.get(name) not in (None, 0, "0", "")), None)
    own = hashlib.sha256(repr(sorted(log.items(), key=str)).encode()).hexdigest()[:32]
    return {
        "traceId": log.get("traceId") or log.get("trace_id"),
        "spanId": text(log.get("spanId")) or text(log.get("span_id")) or own,
        "startTimeUnixNano": stamp,
        "attributes": log.get("attributes"),
    }


def as_log_export(value: Any) -> Any:
    """A log record that stands alone, as Gemini CLI writes them to a file, as an export of it; any other as it is."""
    given = value.get("attributes") if isinstance(value, dict) else None
    if not isinstance(given, dict) or "event.name" not in given or "spanId" in value or "context" in value:
        return value
    clock = value.get("hrTime")
    is_clock = isinstance(clock, list) and len(clock) == 2 and all(isinstance(part, int) for part in clock)
    record = {**value, "timeUnixNano": str(clock[0] * 1_000_000_000 + clock[1])} if clock and is_clock else value
    return {"resourceLogs": [{"resource": value.get("resource"), "scopeLogs": [{"logRecords": [record]}]}]}


def is_log_export(value: Any) -> bool:
    """Whether a record is an export request of logs."""
    return isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _SPELLINGS["resourceLogs"])


def _get(holder: Any, name: str) -> Any:
    if not isinstance(holder, dict):
        return None
    return next((holder[each] for each in _SPELLINGS[name] if holder.get(each)), None)


def _records(export: dict[str, Any]) -> Iterator[tuple[Attributes, dict[str, Any]]]:
    for part in _get(export, "resourceLogs") or []:
        holder = part.get("resource") if isinstance(part, dict) else None
        resource = flatten(holder.get("attributes")) if isinstance(holder, dict) else {}
        scopes = _get(part, "scopeLogs")
        for scope in scopes if isinstance(scopes, list) else []:
            logs = _get(scope, "logRecords")
            yield from ((resource, log) for log in (logs if isinstance(logs, list) else []) if isinstance(log, dict))


def _event_name(log: dict[str, Any], given: Attributes, resource: Attributes) -> str:
    """The full name: the body or `eventName`, or `event.name`, which Claude Code writes without its prefix."""
    body = log.get("body")
    said = body.get("stringValue") or body.get("string_value") if isinstance(body, dict) else body
    for name in (said, _get(log, "eventName"), given.get("event.name")):
        if isinstance(name, str) and (name in _CALLS or name in _FAILURES):
            return name
    short = text(given.get("event.name")) or text(_get(log, "eventName")) or ""
    is_claude = "claude-code" in (text(resource.get("service.name")) or "")
    return _SHORT.get(short, short) if is_claude else short


def _base_row(resource: Attributes, log: dict[str, Any], given: Attributes) -> Row:
    stamp = next((log[name] for name in _TIMES if log.get(name) not in (None, 0, "0", "")), None)
    at = instant(stamp if stamp is not None else given.get("event.timestamp"), "timeUnixNano")
    if at is None:
        raise BadValue("timeUnixNano", "missing_timestamp", "The log record has no time. Export it unchanged.")
    cost = text(given.get("cost_usd"))
    if cost is None and (micros := decimal(text(given.get("cost_usd_micros")), "cost_usd_micros")) is not None:
        cost = format(micros.scaleb(-6), "f")
    duration = decimal(text(given.get("duration_ms")), "duration_ms")
    return {
        "event_source": "otel",
        "requested_at_utc": at,
        "account_id": text(given.get("organization.id")),
        "user_id": next((found for name in _PERSON if (found := text(given.get(name)))), None),
        "session_id": text(given.get("session.id")) or text(given.get("conversation.id")),
        "trace_id": text(log.get("traceId")),
        "requested_model": text(given.get("model")),
        "requested_service_tier": text(given.get("service_tier")),
        "speed": {"normal": None}.get(text(given.get("speed")) or "normal", text(given.get("speed"))),
        "environment": text(resource.get("deployment.environment.name"))
        or text(resource.get("deployment.environment")),
        "feature": text(given.get("query_source")),
        "status": "ok",
        "is_billable": True,
        "duration_ms": None if duration is None else int(duration),
        "tags": tags(
            {name: resource.get(name) for name in resource if not name.startswith(("os.", "host.", "telemetry."))},
            {"agent": given.get("agent.name")},
        ),
        **recorded_cost(cost, "cost_usd"),
    }


def _identity(row: Row, given: Attributes, name: str) -> str:
    request = text(given.get("request_id"))
    if request and row["status"] == "ok":
        return request
    sizes = {key: row[key] for key in sorted(row) if key.endswith("_tokens")}
    parts = (name, row["session_id"], given.get("event.sequence"), row["requested_at_utc"], row["requested_model"])
    return "otlp:" + hashlib.sha256(repr((parts, given.get("attempt"), sizes)).encode()).hexdigest()[:32]
