"""Names of GenAI attributes, newest generation first, and how OTLP JSON encodes values.

Put here: attribute names. When the conventions rename one, put the new name in front. Keep out: which spans count.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import BadValue, count

NAMES: dict[str, tuple[str, ...]] = {
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "operation": ("gen_ai.operation.name", "llm.request.type", "openinference.span.kind", "traceloop.span.kind"),
    "request_model": ("gen_ai.request.model", "llm.request.model", "llm.model_name"),
    "response_model": ("gen_ai.response.model", "llm.response.model"),
    "response_id": ("gen_ai.response.id",),
    "session": ("gen_ai.conversation.id", "session.id", "langfuse.session.id"),
    "user": ("user.id", "enduser.id", "langfuse.user.id"),
    "requested_tier": (
        "openai.request.service_tier",
        "gen_ai.openai.request.service_tier",
        "gen_ai.request.service_tier",
    ),
    "served_tier": (
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
        "gen_ai.response.service_tier",
    ),
    "error": ("error.type",),
    "region": ("cloud.region", "aws.region"),
    "address": ("server.address",),
    "agent": ("gen_ai.agent.name",),
    "cost": ("gen_ai.usage.cost", "gen_ai.cost.total_cost", "gen_ai.usage.total_cost", "llm.cost.total"),
}
COUNTS: dict[str, tuple[str, ...]] = {
    "input": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.usage.prompt_tokens",
        "llm.token_count.prompt",
    ),
    "output": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.usage.completion_tokens",
        "llm.token_count.completion",
    ),
    "cache_read": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached",
        "gen_ai.usage.prompt_tokens_details.cached_tokens",
        "llm.token_count.prompt_details.cache_read",
    ),
    "cache_write": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.output_tokens.reasoning",
        "gen_ai.usage.completion_tokens_details.reasoning_tokens",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "audio_input": ("gen_ai.usage.audio.input_tokens", "llm.token_count.prompt_details.audio"),
    "image_input": ("gen_ai.usage.image.input_tokens",),
    "video_input": ("gen_ai.usage.video.input_tokens",),
    "audio_cache_read": ("gen_ai.usage.audio.cache_read.input_tokens",),
    "image_cache_read": ("gen_ai.usage.image.cache_read.input_tokens",),
    "audio_output": ("gen_ai.usage.audio.output_tokens", "llm.token_count.completion_details.audio"),
    "image_output": ("gen_ai.usage.image.output_tokens",),
    "video_output": ("gen_ai.usage.video.output_tokens",),
}

_NO_INFERENCE = frozenset(
    (
        "create_agent",
        "invoke_agent",
        "execute_tool",
        "invoke_workflow",
        "fetch_response",
        "retrieval",
        "agent",
        "chain",
        "tool",
        "workflow",
        "task",
        "retriever",
        "reranker",
        "guardrail",
        "evaluator",
    )
)


def flatten(attributes: Any) -> dict[str, Any]:
    """OTLP attributes `[{key, value: {stringValue|intValue|...}}]`, or a plain object, by name."""
    if isinstance(attributes, dict):
        return attributes
    found: dict[str, Any] = {}
    for item in attributes if isinstance(attributes, list) else []:
        if isinstance(item, dict) and isinstance(item.get("key"), str):
            found[item["key"]] = _value(item.get("value"))
    return found


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for name in ("stringValue", "intValue", "doubleValue", "boolValue"):
        if name in value:
            return value[name]
    items = value.get("arrayValue")
    if isinstance(items, dict) and isinstance(items.get("values"), list):
        return [_value(item) for item in items["values"]]
    pairs = value.get("kvlistValue")
    return flatten(pairs.get("values")) if isinstance(pairs, dict) else None


def first(attributes: dict[str, Any], name: str) -> Any:
    """The value of the newest generation that reports `name`."""
    return next((attributes[key] for key in NAMES[name] if attributes.get(key) not in (None, "")), None)


def counts(attributes: dict[str, Any]) -> dict[str, int]:
    """Every reported token count by our name for it. Raises `BadValue`."""
    found: dict[str, int] = {}
    for name, keys in COUNTS.items():
        for key in keys:
            number = count(attributes.get(key), key)
            if number is not None:
                found[name] = number
                break
    return found


def has_usage(attributes: dict[str, Any]) -> bool:
    """Whether a span reports tokens at all, right or wrong."""
    return any(attributes.get(key) is not None for name in ("input", "output") for key in COUNTS[name])


def is_inference(attributes: dict[str, Any]) -> bool:
    """Whether a span says that it is a call of a model: no agent, tool, chain or retrieval, and some sign of GenAI."""
    operation = first(attributes, "operation")
    if isinstance(operation, str) and operation.lower() in _NO_INFERENCE:
        return False
    return operation is not None or first(attributes, "request_model") is not None or has_usage(attributes)


def trace_time(nanoseconds: Any, field: str) -> str | None:
    """Unix nanoseconds as text that `values.instant` reads; 0 means not set."""
    if nanoseconds in (None, "", 0, "0"):
        return None
    if isinstance(nanoseconds, bool) or not str(nanoseconds).isdigit():
        raise BadValue(
            field, "invalid_timestamp", f"{field} is {str(nanoseconds)[:40]!r}. Unix nanoseconds belong here."
        )
    return str(nanoseconds)
