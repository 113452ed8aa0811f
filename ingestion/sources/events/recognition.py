"""Which reader a JSON file needs by what its first records are, whatever folder it lies in.

Put here: marks of formats. Keep out: reading.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.litellm.standard_logging import is_payload
from ingestion.sources.events.otel.backends import listed_spans, tells_of_span
from ingestion.sources.events.otel.clouds import cloud_spans

ROLLOUT_TYPES = ("session_meta", "turn_context", "event_msg", "response_item", "compacted", "token_usage_record")
INVOCATION_SCHEMA = "ModelInvocationLog"


def reader_of(values: list[Any]) -> str | None:
    """The folder whose reader knows records like these; None when it is none of the recognised ones."""
    marks = (
        ("claude_code", is_session_line),
        ("codex", is_rollout_line),
        ("bedrock", _holds_invocations),
        ("vertex", is_vertex_row),
        ("ollama", is_ollama_answer),
        ("litellm", lambda value: is_payload(value) or is_spend_log(value)),
        ("langfuse", is_observation),
        ("otel", is_telemetry),
        ("langsmith", is_run),
        ("posthog", is_ai_event),
        ("helicone", is_helicone_request),
        ("openrouter", is_generation),
    )
    return next((name for name, is_one in marks if values and all(map(is_one, values))), None)


def is_session_line(value: Any) -> bool:
    """Whether a record is a line of a Claude Code session, whatever its type."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    if value["type"] in ("summary", "file-history-snapshot", "queue-operation"):
        return True
    if "sessionId" not in value or "usageMetadata" in value:  # Qwen Code writes the same fields around Gemini's usage
        return False
    return "uuid" in value or isinstance(value.get("message"), dict) or not {"usage", "response"} & value.keys()


def is_rollout_line(value: Any) -> bool:
    """Whether a record is a line of a Codex rollout."""
    return isinstance(value, dict) and isinstance(value.get("payload"), dict) and value.get("type") in ROLLOUT_TYPES


def is_invocation(value: Any) -> bool:
    """Whether a record is one of Bedrock's invocation log."""
    if not isinstance(value, dict) or "modelId" not in value:
        return False
    return value.get("schemaType") == INVOCATION_SCHEMA or ("accountId" in value and "operation" in value)


def is_vertex_row(value: Any) -> bool:
    """Whether a record is a row of Vertex AI's request-response log."""
    return (
        isinstance(value, dict)
        and "logging_time" in value
        and ("full_response" in value or "response_payload" in value)
    )


def is_ollama_answer(value: Any) -> bool:
    """Whether a record is a native answer of Ollama, bare or in an envelope."""
    if not isinstance(value, dict):
        return False
    body = next((value[name] for name in ("response", "body") if isinstance(value.get(name), dict)), value)
    return "model" in body and "usage" not in body and ("total_duration" in body or body.get("done") is False)


def is_spend_log(value: Any) -> bool:
    """Whether a record is a row of LiteLLM's spend log."""
    return isinstance(value, dict) and {"request_id", "startTime", "spend"} <= value.keys()


def is_observation(value: Any) -> bool:
    """Whether a record is an observation of Langfuse."""
    is_call = isinstance(value, dict) and value.get("type") in ("GENERATION", "SPAN", "EVENT", "EMBEDDING", "AGENT")
    return (
        is_call and not {"traceId", "trace_id"}.isdisjoint(value) and not {"startTime", "start_time"}.isdisjoint(value)
    )


def is_telemetry(value: Any) -> bool:
    """Whether a record is an OTLP export of traces, logs or metrics, or a span as a backend gives it back."""
    if not isinstance(value, dict):
        return False
    is_otlp = not {"resourceSpans", "resourceLogs", "resourceMetrics"}.isdisjoint(value)
    return (
        is_otlp
        or tells_of_span(value)
        or cloud_spans(value) is not None
        or _is_mlflow(value)
        or bool(listed_spans(value))
    )


def _is_mlflow(value: dict[str, Any]) -> bool:
    info = value.get("info")
    return isinstance(info, dict) and not {"trace_metadata", "request_metadata"}.isdisjoint(info)


def is_run(value: Any) -> bool:
    """Whether a record is a run of LangSmith."""
    return isinstance(value, dict) and "run_type" in value and "start_time" in value and "id" in value


def is_ai_event(value: Any) -> bool:
    """Whether a record is an event of PostHog's LLM analytics."""
    return isinstance(value, dict) and str(value.get("event") or "").startswith("$ai_")


def is_helicone_request(value: Any) -> bool:
    """Whether a record is a request of Helicone."""
    return isinstance(value, dict) and "request_created_at" in value and "request_id" in value


def is_generation(value: Any) -> bool:
    """Whether a record is a generation as OpenRouter or Vercel's AI Gateway looks it up."""
    inner = value.get("data") if isinstance(value, dict) else None
    told = inner if isinstance(inner, dict) else value
    return isinstance(told, dict) and {"id", "created_at", "total_cost", "tokens_prompt"} <= told.keys()


def _holds_invocations(value: Any) -> bool:
    if is_invocation(value):
        return True
    events = value.get("logEvents") or value.get("events") if isinstance(value, dict) else None
    return isinstance(events, list) and bool(events) and INVOCATION_SCHEMA in str(events[0])
