"""Event files written line by line: a LiteLLM gateway, OpenTelemetry spans, Langfuse, and raw response bodies.

Data flow: requests → `events/{litellm,otel,langfuse,provider_bodies}/*.jsonl[.gz]`.
Put here: the shape of each log's records. Keep out: bodies (`event_bodies`), tables (`event_tables`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.event_bodies import body_records
from ingestion.demo.company.event_columns import Event, Record, events
from ingestion.demo.company.event_tables import month_of
from ingestion.demo.company.prices import PICO_PER_USD
from ingestion.demo.company.text import decimal_text, iso_instant, write_bytes

_UNIX_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC


def _cost_float(event: Event) -> float:
    return event.list_pico / PICO_PER_USD if event.list_pico > 0 else 0.0


def litellm_record(event: Event) -> Record:
    """A row of `LiteLLM_SpendLogs`: counts include cached tokens; an answer from the gateway's cache costs 0."""
    usage = {
        "prompt_tokens": event.input,
        "completion_tokens": event.output,
        "total_tokens": event.input + event.output,
        "prompt_tokens_details": {"cached_tokens": event.cache_read},
        "completion_tokens_details": {"reasoning_tokens": event.reasoning},
    }
    metadata: Record = {
        "user_api_key": event.key_id,
        "user_api_key_alias": event.key_name,
        "user_api_key_team_id": event.team_id,
        "user_api_key_project_id": event.project_id,
        "usage_object": usage,
        "status": "failure" if event.error else "success",
    }
    if event.error:
        metadata["error_information"] = {"error_class": event.error, "error_code": "429"}
    return {
        "request_id": event.event_id,
        "call_type": "acompletion",
        "api_key": event.key_id,
        "spend": _cost_float(event) if event.is_billable else 0.0,
        "total_tokens": event.input + event.output,
        "prompt_tokens": event.input,
        "completion_tokens": event.output,
        "startTime": iso_instant(event.at),
        "endTime": iso_instant(event.end),
        "request_duration_ms": event.duration_ms,
        "model": event.model,
        "model_group": event.model,
        "custom_llm_provider": event.provider,
        "user": event.user_id or "",
        "metadata": metadata,
        "cache_hit": "False" if event.is_billable else "True",
        "request_tags": ["production", f"feature:{event.feature}"],
        "team_id": event.team_id,
        "organization_id": event.account_id,
        "end_user": "",
        "session_id": f"session_{event.id % 10**9:09d}",
        "status": "failure" if event.error else "success",
        "litellm_call_id": event.event_id,
    }


def langfuse_record(event: Event) -> Record:
    """An observation: the keys of `usageDetails` are disjoint and add up to `total`."""
    usage = {
        "input": event.uncached,
        "input_cached_tokens": event.cache_read,
        "input_cache_write": event.cache_write,
        "output": event.output - event.reasoning,
        "output_reasoning_tokens": event.reasoning,
        "total": event.input + event.output,
    }
    return {
        "id": event.event_id,
        "traceId": f"{event.id:032x}",
        "type": "GENERATION",
        "name": event.feature,
        "startTime": iso_instant(event.at),
        "endTime": iso_instant(event.end),
        "updatedAt": iso_instant(event.end + timedelta(seconds=3)),
        "environment": "production",
        "level": "ERROR" if event.error else "DEFAULT",
        "statusMessage": event.error or None,
        "providedModelName": event.model,
        "modelParameters": {},
        "usageDetails": usage,
        "costDetails": {"total": _cost_float(event)},
        "totalCost": decimal_text(max(event.list_pico, 0)),
        "projectId": event.project_id,
        "userId": event.user_id,
        "metadata": {
            "provider": event.provider,
            "account_id": event.account_id,
            "api_key_id": event.key_id,
        },
    }


def _attribute(key: str, value: str | int) -> Record:
    return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def _span(event: Event, is_old: bool) -> Record:
    name = {
        "provider": "gen_ai.system" if is_old else "gen_ai.provider.name",
        "read": "gen_ai.usage.cache_read_input_tokens" if is_old else "gen_ai.usage.cache_read.input_tokens",
        "write": "gen_ai.usage.cache_creation_input_tokens" if is_old else "gen_ai.usage.cache_write.input_tokens",
    }
    attributes = [
        _attribute("gen_ai.operation.name", "chat"),
        _attribute(name["provider"], "aws.bedrock"),
        _attribute("gen_ai.request.model", event.model),
        _attribute("gen_ai.response.model", event.model),
        _attribute("gen_ai.response.id", event.event_id),
        _attribute("gen_ai.usage.input_tokens", event.input),
        _attribute("gen_ai.usage.output_tokens", event.output),
        _attribute(name["read"], event.cache_read),
        _attribute(name["write"], event.cache_write),
        _attribute("server.address", "bedrock-runtime.us-east-1.amazonaws.com"),
        _attribute("gen_ai.agent.name", event.feature or ""),
    ]
    if event.user_id:
        attributes.append(_attribute("user.id", event.user_id))
    if event.error:
        attributes.append(_attribute("error.type", event.error))
    return {
        "traceId": f"{event.id:032x}",
        "spanId": f"{event.id:016x}",
        "parentSpanId": f"{event.id ^ 0xFFFF:016x}",
        "name": f"chat {event.model}",
        "kind": 3,
        "startTimeUnixNano": _nanoseconds(event.at),
        "endTimeUnixNano": _nanoseconds(event.end),
        "attributes": attributes,
        "status": {"code": 2} if event.error else {},
    }


def _nanoseconds(at: datetime) -> str:
    return str((at - _UNIX_EPOCH) // timedelta(microseconds=1) * 1000)


def _agent_span(event: Event, child: Record) -> Record:
    """The agent that asked: it repeats the tokens of its child, so that adding both would count twice."""
    return child | {
        "spanId": child["parentSpanId"],
        "parentSpanId": "",
        "name": "invoke_agent analytics",
        "kind": 1,
        "attributes": [
            _attribute("gen_ai.operation.name", "invoke_agent"),
            _attribute("gen_ai.agent.name", "analytics"),
            _attribute("gen_ai.provider.name", "aws.bedrock"),
            _attribute("gen_ai.usage.input_tokens", event.input),
            _attribute("gen_ai.usage.output_tokens", event.output),
        ],
    }


def otel_records(some: list[Event], new_names_from: date) -> Iterator[Record]:
    """Export requests of a span or two each; one in a hundred is exported twice."""
    for event in some:
        chat = _span(event, event.at.date() < new_names_from)
        spans = [chat, _agent_span(event, chat)] if event.id % 4 == 0 else [chat]
        record = {
            "resourceSpans": [
                {
                    "resource": {
                        "attributes": [
                            _attribute("service.name", "analytics-copilot"),
                            _attribute("deployment.environment.name", "production"),
                            _attribute("cloud.account.id", event.account_id),
                            _attribute("project_id", event.project_id or ""),
                            _attribute("api_key_id", event.key_id),
                        ]
                    },
                    "scopeSpans": [{"scope": {"name": "opentelemetry.instrumentation.bedrock"}, "spans": spans}],
                }
            ]
        }
        yield record
        if event.id % 100 == 0:
            yield record


def _write_lines(path: Path, records: Iterator[Record], modified: date) -> None:
    encode = json.JSONEncoder(separators=(",", ":")).encode
    write_bytes(path, ("\n".join(encode(record) for record in records) + "\n").encode(), modified)


def write_logs(folder: Path, by_source: dict[str, pd.DataFrame], calendar: Calendar) -> None:
    """One file per log and month, raw bodies by week's end of size in gzip."""
    new_names_from = calendar.ago(200)
    writers: dict[str, tuple[str, Callable[[list[Event]], Iterator[Record]]]] = {
        "litellm": ("spend_logs_{}.jsonl", lambda some: (litellm_record(event) for event in some)),
        "langfuse": ("observations_{}.jsonl", lambda some: (langfuse_record(event) for event in some)),
        "otel": ("traces_{}.jsonl.gz", lambda some: otel_records(some, new_names_from)),
        "provider_bodies": ("calls_{}.jsonl.gz", body_records),
    }
    for source, (name, to_records) in writers.items():
        requests = by_source[source]
        for month, part in requests.groupby(month_of(requests, calendar)):
            assert isinstance(month, date)
            written = min((month + timedelta(days=32)).replace(day=1), calendar.last + timedelta(days=1))
            path = folder / source / name.format(f"{month:%Y-%m}")
            _write_lines(path, to_records(list(events(part, calendar))), written)
