"""What a span of the Vercel AI SDK keeps of the provider's own answer: counters that its attributes lack, and charges.

Versions 4 and 5 count no written cache tokens, and 4 no cached ones; both stand in `ai.response.providerMetadata`.
Put here: that attribute. Keep out: what counters mean (`usage_shapes`).
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE, ESTIMATE
from ingestion.sources.events.usage_shapes.values import as_object, dig

ATTRIBUTE = "ai.response.providerMetadata"
_ADK = "gcp.vertex.agent.llm_response"
"""The answer as Google's Agent Development Kit keeps it; its attributes leave thinking out."""
_CALLS = (".doGenerate", ".doStream", ".doEmbed")
_COUNTERS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("anthropic", "usage"): ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
    ("anthropic",): ("cacheReadInputTokens", "cacheCreationInputTokens"),
    ("bedrock", "usage"): ("cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails"),
    ("openai",): ("cachedPromptTokens", "reasoningTokens"),
    ("azure",): ("cachedPromptTokens", "reasoningTokens"),
    ("openrouter", "usage"): ("promptTokensDetails", "completionTokensDetails"),
    ("deepseek",): ("promptCacheHitTokens",),
}
"""Counters below the name of a provider that a span's own attributes may lack."""


def told_by_provider(attributes: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """(name, path, value) of every counter that the provider told beside the SDK's; none on a span above calls."""
    metadata = _metadata(attributes)
    found: dict[str, tuple[str, str, Any]] = {}
    for keys, names in _COUNTERS.items() if metadata else ():
        holder = as_object(dig(metadata, *keys))
        for name in names:
            if holder.get(name) not in (None, ""):
                found.setdefault(name, (name, ".".join((ATTRIBUTE, *keys, name)), holder[name]))
    return list(found.values())


def google_usage(attributes: dict[str, Any]) -> dict[str, Any]:
    """Google's own usage object, which says what of the output is thinking; empty where there is none."""
    metadata = _metadata(attributes)
    answered = as_object(as_object(attributes.get(_ADK)).get("usage_metadata"))
    return (
        answered
        or as_object(dig(metadata, "google", "usageMetadata"))
        or as_object(dig(metadata, "vertex", "usageMetadata"))
    )


def charged(attributes: dict[str, Any]) -> tuple[Any, str]:
    """(what a gateway says the call cost, its kind); None where none says so."""
    if attributes.get("gen_ai.usage.cost.source") == "provider":
        return attributes.get("gen_ai.usage.cost.amount"), CHARGE
    metadata = _metadata(attributes)
    taken = dig(metadata, "openrouter", "usage", "cost")
    return (taken, CHARGE) if taken is not None else (dig(metadata, "gateway", "cost"), ESTIMATE)


def _metadata(attributes: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a span that is one call: those of the spans above repeat their last step's."""
    if ATTRIBUTE not in attributes or not str(attributes.get("ai.operationId") or "").endswith(_CALLS):
        return {}
    return as_object(attributes[ATTRIBUTE])
