"""What the Vercel AI SDK keeps of the provider's own answer (`providerMetadata`): counters that its usage lacks, tools,
terms and charges.

Versions 4 and 5 count no written cache tokens, and 4 no cached ones; no version counts searches.
Put here: that object, wherever it stands. Keep out: what counters mean, attributes of spans.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE, ESTIMATE
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.tiers import terms_in
from ingestion.sources.events.usage_shapes.tools import gemini_tools
from ingestion.sources.events.usage_shapes.values import as_object, dig

NAMES = ("providerMetadata", "experimental_providerMetadata", "provider_metadata")
_GOOGLE = ("google", "vertex")
_COUNTERS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("anthropic", "usage"): (
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "server_tool_use",
    ),
    ("anthropic",): ("cacheReadInputTokens", "cacheCreationInputTokens"),
    ("bedrock", "usage"): ("cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails"),
    ("openai",): ("cachedPromptTokens", "reasoningTokens"),
    ("azure",): ("cachedPromptTokens", "reasoningTokens"),
    ("openrouter", "usage"): ("promptTokensDetails", "completionTokensDetails"),
    ("deepseek",): ("promptCacheHitTokens",),
}
"""Counters below the name of a provider that the SDK's own usage may lack."""


def metadata_of(body: dict[str, Any]) -> dict[str, Any]:
    """The metadata of one answer; empty beside a sum of steps (`totalUsage`), as it is then of the last step alone."""
    if body.get("totalUsage") and body.get("usage") and body["totalUsage"] != body["usage"]:
        return {}
    return next((found for name in NAMES if name in body and (found := as_object(body[name]))), {})


def told_counters(metadata: dict[str, Any], root: str) -> list[tuple[str, str, Any]]:
    """(name, path, value) of every counter that the provider told beside the SDK's."""
    found: dict[str, tuple[str, str, Any]] = {}
    for keys, names in _COUNTERS.items() if metadata else ():
        holder = as_object(dig(metadata, *keys))
        for name in names:
            if holder.get(name) not in (None, ""):
                found.setdefault(name, (name, ".".join((root, *keys, name)), holder[name]))
    return list(found.values())


def google_usage(metadata: dict[str, Any]) -> dict[str, Any]:
    """Google's own usage object, which says what of the output is thinking; empty where there is none."""
    return next((found for name in _GOOGLE if (found := as_object(dig(metadata, name, "usageMetadata")))), {})


def with_told_tools(counts: Counts, metadata: dict[str, Any], model: str | None) -> Counts:
    """The counts with the searches that Google's answer was grounded on."""
    parts = [found for name in _GOOGLE if (found := as_object(dig(metadata, name, "groundingMetadata")))]
    return gemini_tools({"candidates": [{"groundingMetadata": parts[0]}]}, counts, model) if parts else counts


def told_terms(metadata: dict[str, Any]) -> dict[str, str]:
    """Tier, speed and place as the provider told them."""
    if not metadata:
        return {}
    return terms_in(*(dig(metadata, *keys) for keys in (("anthropic", "usage"), ("openai",), ("azure",))))


def charged(metadata: dict[str, Any]) -> tuple[Any, str]:
    """(what a gateway says the call cost, its kind); None where none says so."""
    taken = dig(metadata, "openrouter", "usage", "cost")
    return (taken, CHARGE) if taken is not None else (dig(metadata, "gateway", "cost"), ESTIMATE)
