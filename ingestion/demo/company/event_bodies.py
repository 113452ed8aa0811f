"""The log of calls with their raw response bodies, as Anthropic and Groq write them.

Data flow: requests → records of `events/provider_bodies`. Put here: the shape of bodies and of what they lie in.
Keep out: other logs, and writing (`event_logs`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.demo.company.event_columns import Event, Record
from ingestion.demo.company.text import iso_instant


def _envelope(event: Event) -> Record:
    call_id = event.parent_id or event.id
    return {
        "timestamp": iso_instant(event.at),
        "request_id": f"req_{call_id:016x}",
        "provider": event.provider,
        "account_id": event.account_id,
        "workspace_id": event.workspace_id,
        "project_id": event.project_id,
        "api_key_id": event.key_id,
        "user_id": event.user_id,
        "feature": event.feature,
        "environment": "production",
        "duration_ms": event.duration_ms,
        "request": {"model": event.model},
    }


def _anthropic_usage(event: Event) -> Record:
    return {
        "input_tokens": event.uncached,
        "cache_creation_input_tokens": event.cache_write_5m + event.cache_write_1h,
        "cache_read_input_tokens": event.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": event.cache_write_5m,
            "ephemeral_1h_input_tokens": event.cache_write_1h,
        },
        "output_tokens": event.output,
        "output_tokens_details": {"thinking_tokens": event.reasoning},
    }


def _anthropic_body(event: Event, advice: Event | None) -> Record:
    usage = _anthropic_usage(event)
    whole = usage | {"service_tier": "standard", "server_tool_use": {"web_search_requests": event.web_searches}}
    if advice is not None:
        # The top level shows the last iteration only: a reader must add the iterations up.
        whole |= _anthropic_usage(advice)
        whole["iterations"] = [
            usage | {"type": "message", "model": event.model},
            _anthropic_usage(advice) | {"type": "advisor_message", "model": advice.model},
        ]
    call_id = event.parent_id or event.id
    return {"id": f"req_{call_id:016x}", "type": "message", "model": event.model, "usage": whole}


def _groq_body(event: Event) -> Record:
    return {
        "id": f"req_{event.id:016x}",
        "object": "chat.completion",
        "model": event.model,
        "usage": {
            "queue_time": 0.02,
            "prompt_tokens": event.input,
            "completion_tokens": event.output,
            "total_tokens": event.input + event.output,
            "total_time": event.duration_ms / 1000,
            "prompt_tokens_details": {"cached_tokens": event.cache_read},
            "completion_tokens_details": {"reasoning_tokens": event.reasoning},
        },
    }


def body_records(some: list[Event]) -> Iterator[Record]:
    """A log of calls with their response bodies; a failed call has an error in place of a body."""
    advice = {event.parent_id: event for event in some if event.iteration == 1}
    for event in some:
        if event.iteration == 1:
            continue
        record = _envelope(event)
        if event.error and not event.input:
            code = 429 if event.error == "rate_limit_error" else 500
            yield record | {"status_code": code, "error": {"type": event.error}, "response": None}
            continue
        second = advice.get(event.parent_id) if event.parent_id else None
        body = _anthropic_body(event, second) if event.provider == "anthropic" else _groq_body(event)
        if event.error:
            record |= {"error": {"type": event.error}}
        yield record | {"response": body}
