"""Which API a response body comes from, and its counts.

Put here: telling flavours apart by shape. Keep out: what the counts of a flavour mean (`usage_shapes`).
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import is_of_google
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.messages import own_usage, with_shown_tools
from ingestion.sources.events.usage_shapes.openai import chat_counts, responses_counts
from ingestion.sources.events.usage_shapes.others import ai_sdk_counts, cohere_counts, converse_counts, ocr_counts
from ingestion.sources.events.usage_shapes.plain_counts import teller_of
from ingestion.sources.events.usage_shapes.sdk_metadata import NAMES, metadata_of
from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.streams import choice_usages
from ingestion.sources.events.usage_shapes.tools import (
    chat_tools,
    gemini_tools,
    message_tools,
    responses_tools,
    with_guardrails,
)
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

_ONLY_ANTHROPIC = frozenset(
    ("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "iterations", "inference_geo")
)
_ONLY_RESPONSES = frozenset(
    (
        "total_tokens",
        "input_tokens_details",
        "input_token_details",
        "output_token_details",
        "cache_read_tokens",
        "cache_write_tokens",
        "input_audio_tokens",
    )
)
_AI_SDK = frozenset(
    "cachedInputTokens inputTokenDetails outputTokenDetails reasoningTokens promptTokens completionTokens".split()
)
_OF_AI_SDK = frozenset(("modelId", "finishReason", *NAMES))
"""Fields beside the usage that the AI SDK has and Converse has not."""
_CONVERSE = frozenset(
    "cacheReadInputTokens cacheReadInputTokenCount cacheWriteInputTokens cacheWriteInputTokenCount cacheDetails".split()
)
_GEMINI = frozenset(
    "prompt_token_count candidates_token_count total_token_count thoughts_token_count response_token_count "
    "total_thought_tokens total_cached_tokens total_tool_use_tokens".split()
)
_COUNTED_BY_SDKS = frozenset(("input_token_count", "output_token_count"))
"""Counters of SDKs for any maker (LangChain4j, .NET), whose total is spelt as Gemini's."""
_EMBEDDING_MODEL = re.compile(r"embed|rerank|voyage|jina|colbert", re.IGNORECASE)


_USAGE = (
    *("totalUsage", "usageMetadata", "usage_metadata", "usage", "token_usage", "tokenUsage"),
    *("usage_details", "usageDetails"),
)
_OWN = ("raw", "nativeUsage", "native_usage")
"""Where SDKs keep the provider's own usage object beside their sum of it: the Vercel AI SDK, Spring AI."""
_HOLDERS = ("x_groq", "response_metadata", "kwargs", "metadata", "meta", "data")
"""Objects of an answer in which some APIs and tools keep the usage."""


def find_usage(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(flavour, usage object) of a body, None when it reports no usage.

    `totalUsage` of the Vercel AI SDK is that of all steps, of which `usage` is the last.
    Flavours: chat, responses, anthropic, gemini, converse, ai_sdk, cohere, ocr; charge where only money is reported,
    unknown where no rule knows the object.
    """
    if any(isinstance(dig(body, "meta", name), dict) for name in ("billed_units", "billedUnits")):
        return "cohere", body["meta"]
    if isinstance(body.get("usage_info"), dict):
        return "ocr", body["usage_info"]
    if own := own_usage(body):
        return "anthropic", own
    for holder in (body, *(body.get(name) for name in _HOLDERS)):
        for name in _USAGE:
            usage = dig(holder, name)
            usage = as_object(usage) if isinstance(usage, str) else usage
            if isinstance(usage, dict) and usage:
                return _own_or_summed(body, usage)
    for usage in choice_usages(body):
        flavour = _flavour(body, usage)
        return (flavour, usage) if flavour else None
    return None


def holder_of_usage(body: dict[str, Any]) -> dict[str, Any]:
    """The object of an answer that holds its usage and may name model and time; empty where that is the answer."""
    if any(body.get(name) for name in _USAGE):
        return {}
    holders = (as_object(body.get(name)) for name in _HOLDERS)
    return next((holder for holder in holders if any(as_object(holder.get(name)) for name in _USAGE)), {})


def _own_or_summed(body: dict[str, Any], usage: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(flavour, usage); the provider's own object where an SDK keeps it beside its own."""
    for raw in filter(None, (as_object(usage.get(name)) for name in _OWN)):
        own = _flavour({}, raw)
        if own and own not in ("unknown", "charge"):
            return own, raw
    flavour = _flavour(body, usage)
    return (flavour, usage) if flavour else None


def _flavour(body: dict[str, Any], usage: dict[str, Any]) -> str | None:
    is_chat = "prompt_tokens" in usage or "completion_tokens" in usage
    plain = frozenset() if is_chat else {plain_name(str(name)) for name in usage}
    if plain & _COUNTED_BY_SDKS:
        return "chat"
    if plain & _GEMINI:
        return "gemini"
    if not is_chat and {"inputTokens", "outputTokens", "promptTokens", "completionTokens"} & usage.keys():
        is_sdk = _AI_SDK & usage.keys() or isinstance(usage.get("inputTokens"), dict) or _OF_AI_SDK & body.keys()
        return "ai_sdk" if is_sdk and not _CONVERSE & usage.keys() else "converse"
    if isinstance(usage.get("billed_units"), dict) or isinstance(usage.get("tokens"), dict):
        return "cohere"
    if is_chat:
        return "chat"
    if usage.get("type") == "duration":
        return "responses"
    if "input_tokens" in usage or "output_tokens" in usage:
        if body.get("type") == "message" or (_ONLY_ANTHROPIC & usage.keys() and "total_tokens" not in usage):
            return "anthropic"
        return "responses" if _ONLY_RESPONSES & usage.keys() or body.get("object") == "response" else "anthropic"
    if "total_tokens" in plain:
        return "chat"
    if "cost" in usage or plain & {"cost_in_usd_ticks", "cost_usd_ticks"}:
        return "charge"
    return "unknown" if _has_number(usage) else None


def _has_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_number(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_number(item) for item in value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_embedding(body: dict[str, Any], model: str | None) -> bool:
    """Whether a body answers an embedding or rerank call, where every token is input."""
    if "choices" in body:
        return False
    if body.get("object") in ("embedding", "embeddings", "rerank") or any(_is_vectors(body, name) for name in _VECTORS):
        return True
    return bool(_EMBEDDING_MODEL.search(model or ""))


_VECTORS = ("embeddings", "vectors", "rankings", "data", "results")
_OF_A_VECTOR = frozenset(("embedding", "values", "sparse_values", "relevance_score", "logit", "score"))


def _is_vectors(body: dict[str, Any], name: str) -> bool:
    """Whether a list of an answer holds vectors or ranks; DashScope keeps it below `output`."""
    found = body.get(name) or dig(body, "output", name)
    if not isinstance(found, list):
        return False
    if name in ("embeddings", "vectors", "rankings"):
        return True
    return bool(found) and isinstance(found[0], dict) and bool(_OF_A_VECTOR & found[0].keys())


def counts_of(
    flavour: str, usage: dict[str, Any], body: dict[str, Any], provider: str | None, model: str | None = None
) -> Counts:
    """Disjoint counts of one usage object and of the tools that the answer shows."""
    if flavour == "gemini":
        root = next((name for name in ("usageMetadata", "usage_metadata") if body.get(name) is usage), "usage")
        return gemini_tools(body, gemini_counts(usage, root), model)
    if flavour == "converse":
        return with_guardrails(body, converse_counts(usage))
    if flavour == "ai_sdk":
        return ai_sdk_counts(usage, provider or maker_of(model), metadata_of(body), model)
    if flavour == "cohere":
        return cohere_counts(usage, "usage" if "usage" in body else "meta")
    if flavour == "ocr":
        return ocr_counts(body)
    if flavour == "anthropic":
        return message_tools(body, usage, message_counts(usage, model=model or text(body.get("model"))))
    if flavour == "responses":
        return with_shown_tools(responses_tools(body, responses_counts(usage, body, model=model)), body, model)
    teller = "google" if is_of_google(model) else provider
    counts = chat_counts(usage, teller, is_embedding=is_embedding(body, model), model=model)
    return chat_tools(body, counts, provider, model)


def maker_of(model: str | None) -> str | None:
    """The maker that a bare model name tells; None where it does not."""
    return "anthropic" if "claude" in (model or "").lower() else None


_OF_ANTHROPIC = re.compile(r"claude|opus|sonnet|haiku|fable|mythos")
"""Models of Anthropic; others sell models of theirs behind its API."""
_DEFAULT_PROVIDER: dict[str | None, str] = {"gemini": "google", "converse": "aws", "cohere": "cohere", "ocr": "mistral"}


_ON_BEDROCK = re.compile(r"arn:|[a-z-]+\.[a-z]", re.IGNORECASE)
"""How Bedrock spells models: the maker, perhaps behind a region, and a dot."""


def guess_provider(
    flavour: str | None, usage: dict[str, Any], body: dict[str, Any], model: str | None = None
) -> str | None:
    """The provider that only this body can come from; None when several could have sent it.

    A model that Bedrock would spell otherwise shows that counters as Converse has them are the Vercel AI SDK's.
    """
    if flavour == "converse" and model and not _ON_BEDROCK.match(model):
        return teller_of(body)
    identity = str(body.get("id") or "")
    is_message = body.get("type") == "message" and identity.startswith("msg_")
    if is_openrouter(usage, body):
        return "openrouter"
    if body.get("type") == "message" and (flavour == "anthropic" or is_message):
        is_of_anthropic = not body.get("model") or bool(_OF_ANTHROPIC.search(str(body["model"]).lower()))
        return {"msg_bdrk": "aws", "msg_vrtx": "google"}.get(identity[:8], "anthropic" if is_of_anthropic else None)
    if flavour in _DEFAULT_PROVIDER:
        return _DEFAULT_PROVIDER[flavour]
    if "x_groq" in body:
        return "groq"
    if "prompt_cache_hit_tokens" in usage:
        return "deepseek"
    if {"num_search_queries", "citation_tokens", "search_context_size"} & usage.keys():
        return "perplexity"
    if "cost_in_usd_ticks" in usage or "num_sources_used" in usage:
        return "x-ai"
    if (model or "").startswith("accounts/fireworks/"):
        return "fireworks"
    if body.get("system_fingerprint") == "fp_ollama":
        return "ollama"
    return "azure" if "prompt_filter_results" in body else teller_of(body)


def is_openrouter(usage: dict[str, Any], body: dict[str, Any]) -> bool:
    """OpenRouter's own marks; its `provider` field names who served the call."""
    return "is_byok" in usage or "cost_details" in usage or str(body.get("id") or "").startswith("gen-")


def canonical_provider(name: str | None) -> str | None:
    """The spelling that rules about providers use; the row keeps the reported one."""
    if not name:
        return None
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if plain in ("xai", "grok"):
        return "x-ai"
    if plain.startswith(("google", "gemini", "vertex", "gcp")):
        return "google"
    return name.lower()
