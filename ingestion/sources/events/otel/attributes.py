"""Names of GenAI attributes, newest generation first, and how OTLP JSON encodes values.

Put here: attribute names. When the conventions rename one, put the new name in front. Keep out: which spans count.
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sources.events.usage_shapes.values import BadValue, as_object

NAMES: dict[str, tuple[str, ...]] = {
    "provider": (
        "gen_ai.provider.name",
        "gen_ai.system",
        "llm.provider",
        "llm.system",
        "ai.model.provider",
        "mlflow.llm.provider",
        "braintrust.metadata.provider",
    ),
    "operation": (
        "gen_ai.operation.name",
        "llm.request.type",
        "openinference.span.kind",
        "traceloop.span.kind",
        "ai.operationId",
        "langsmith.span.kind",
        "braintrust.span_attributes.type",
    ),
    "request_model": (
        "gen_ai.request.model",
        "llm.request.model",
        "llm.model_name",
        "ai.model.id",
        "embedding.model_name",
        "reranker.model_name",
        "langfuse.observation.model.name",
        "mlflow.llm.model",
        "braintrust.metadata.model",
    ),
    "response_model": ("gen_ai.response.model", "llm.response.model", "ai.response.model"),
    "response_id": ("gen_ai.response.id", "ai.response.id"),
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
    "cost": (
        "gen_ai.usage.cost",
        "gen_ai.usage.cost.amount",
        "gen_ai.cost.total_cost",
        "gen_ai.usage.total_cost",
        "llm.cost.total",
        "operation.cost",
        "gen_ai.cost.total_tokens",
        "gen_ai.usage.cost_usd",
        "gen_ai.usage.total_cost_usd",
        "gen_ai.cost.usd",
        "llm.usage.cost",
    ),
}
PREFIXES = (
    "gen_ai.usage.details.",
    "gen_ai.usage.",
    "gcp.gen_ai.usage.",
    "ai.usage.",
    "llm.usage.",
    "llm.token_count.",
    "codex.usage.",
    "gen_ai.client.token.usage.",
)
"""Prefixes of counters, the newest generation first; what follows is looked up in `usage_shapes.counters`."""

SUMS = "gen_ai.aggregated_usage."
"""Sums over calls, never a call."""
PARTIAL = "gen_ai.usage.partial."
"""What a stream that was cut off had counted by then: a lower bound."""
RAW_BODIES = ("gen_ai.usage.raw", "usage.raw", "ai.usage")
"""The provider's own usage object as JSON text."""

USAGE_OBJECTS = (
    "langfuse.observation.usage_details",
    "mlflow.chat.tokenUsage",
    "langsmith.usage_metadata",
    "braintrust.metrics",
)
"""Objects of counters, as JSON text, of tools that send spans to their own servers."""

_SPREAD = ("braintrust.metadata", "braintrust.span_attributes")
"""Objects, as JSON text, that say of a call what others say in attributes of their own."""

NO_COUNTERS = frozenset(
    "gen_ai.usage.cost gen_ai.usage.total_cost gen_ai.usage.input_cost gen_ai.usage.output_cost "
    "gen_ai.usage.token_type "
    "llm.usage.token_type gen_ai.usage.raw usage.raw ai.usage".split()
)
_LIMITS = re.compile(r"max|min_new|limit|window|budget|_type$|\.type$|cost|price", re.IGNORECASE)
_TOKENS = re.compile(r"token|usage|metrics", re.IGNORECASE)
_TOKENS_IN_TEXT = re.compile(r"tokens?\W{1,4}[1-9]", re.IGNORECASE)

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
        "guardrail",
        "evaluator",
        "score",
        "eval",
        "function",
        "ai.toolcall",
    )
)


_PLAIN_VALUES = tuple(
    name for kind in ("string", "int", "double", "bool") for name in (f"{kind}Value", f"{kind}_value")
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


SPAN_TAGS = "tag.tags"
"""Tags of a span as OpenInference calls them: a list, of `name:value` where a product writes them so (Datadog)."""


def spread(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes, with what objects among them say of the call as attributes of their own."""
    if not any(key in attributes for key in _SPREAD):
        return attributes
    more = {f"{key}.{name}": item for key in _SPREAD for name, item in as_object(attributes.get(key)).items()}
    return {**more, **attributes}


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for name in _PLAIN_VALUES:
        if name in value:
            return value[name]
    items = value.get("arrayValue") or value.get("array_value")
    if isinstance(items, dict) and isinstance(items.get("values"), list):
        return [_value(item) for item in items["values"]]
    pairs = value.get("kvlistValue") or value.get("kvlist_value")
    return flatten(pairs.get("values")) if isinstance(pairs, dict) else None


def first(attributes: dict[str, Any], name: str) -> Any:
    """The value of the newest generation that reports `name`; a JSON text as MLflow writes it without its quotes."""
    found = next((attributes[key] for key in NAMES[name] if attributes.get(key) not in (None, "")), None)
    if isinstance(found, str) and len(found) > 2 and found[0] == found[-1] == '"':
        return found[1:-1]
    return found


def counters(attributes: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """(name without prefix, attribute, value) of every attribute below a prefix of counters."""
    found = [
        (name, f"{key}.{name}", value)
        for key in USAGE_OBJECTS
        for name, value in as_object(attributes.get(key)).items()
    ]
    for prefix in PREFIXES:
        for key, value in attributes.items():
            if not key.startswith(prefix) or key in NO_COUNTERS or key.startswith((PARTIAL, SUMS)):
                continue
            if prefix != PREFIXES[0] and key.startswith(PREFIXES[0]):
                continue
            if value not in (None, "") and key != prefix:
                found.append((key[len(prefix) :], key, as_object(value) or value))
    return found


def partial_counters(attributes: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """The same for the counters of a stream that was cut off."""
    return [(key[len(PARTIAL) :], key, value) for key, value in attributes.items() if key.startswith(PARTIAL)]


def raw_usage(attributes: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(attribute, the provider's own usage object) where the instrumentation kept it."""
    for name in RAW_BODIES:
        if found := as_object(attributes.get(name)):
            return name, found
    return None


def token_like(attributes: dict[str, Any]) -> list[str]:
    """Attributes that look like numbers of tokens, known or not: what must not disappear with a span."""
    return [
        key
        for key, value in attributes.items()
        if _TOKENS.search(key) and not _LIMITS.search(key) and _counts_something(value)
    ]


def _counts_something(value: Any) -> bool:
    """Whether a value is a count above zero, or a text that holds counts of tokens."""
    shown = str(value)
    return shown != "0" if shown.isdigit() else bool(_TOKENS_IN_TEXT.search(shown[:2_000]))


def has_usage(attributes: dict[str, Any]) -> bool:
    """Whether a span reports tokens at all, right or wrong."""
    return bool(counters(attributes) or partial_counters(attributes)) or raw_usage(attributes) is not None


def with_usage_of_events(span: dict[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes; where they count nothing, with those of the first event of the span that does."""
    events = span.get("events")
    if not isinstance(events, list) or not events or has_usage(attributes):
        return attributes
    told = (flatten(event.get("attributes")) for event in events if isinstance(event, dict))
    return next((found | attributes for found in told if has_usage(found)), attributes)


def reranker(attributes: dict[str, Any]) -> str | None:
    """The model of a span of a reranker, which is no call that can be counted where it counts nothing."""
    is_one = "rerank" in str(first(attributes, "operation")).lower() and not has_usage(attributes)
    return str(first(attributes, "request_model") or "no model") if is_one else None


def is_inference(attributes: dict[str, Any]) -> bool:
    """Whether a span says that it is a call of a model: no agent, tool, chain or retrieval, and some sign of GenAI."""
    operation = first(attributes, "operation")
    if isinstance(operation, str) and operation.lower() in _NO_INFERENCE:
        return False
    if reranker(attributes):
        return False  # most rerank on the machine itself
    return operation is not None or first(attributes, "request_model") is not None or has_usage(attributes)


def is_tool(attributes: dict[str, Any]) -> bool:
    """Whether a span is the run of a tool."""
    return str(first(attributes, "operation")).lower() in ("execute_tool", "tool", "ai.toolcall")


def asks_model(attributes: dict[str, Any]) -> bool:
    """Whether a span is by its name one question to a model."""
    operation = str(first(attributes, "operation")).lower()
    return operation in _QUESTIONS or operation.endswith((".dogenerate", ".dostream"))


_QUESTIONS = ("chat", "text_completion", "generate_content", "completion", "llm")


def trace_time(nanoseconds: Any, field: str) -> str | None:
    """Unix nanoseconds as text that `values.instant` reads; 0 means not set."""
    if nanoseconds in (None, "", 0, "0"):
        return None
    if isinstance(nanoseconds, bool) or not str(nanoseconds).isdigit():
        raise BadValue(field, "invalid_time", f"{field} is {str(nanoseconds)[:40]!r}. Unix nanoseconds belong here.")
    return str(nanoseconds)
