"""Which API a response body comes from, and its counts.

Put here: telling flavours apart by shape. Keep out: what the counts of a flavour mean (`usage_shapes`).
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.openai import chat_counts, responses_counts
from ingestion.sources.events.usage_shapes.others import cohere_counts, converse_counts, ocr_counts
from ingestion.sources.events.usage_shapes.values import dig

_ONLY_ANTHROPIC = frozenset(
    ("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "iterations", "inference_geo")
)
_ONLY_RESPONSES = frozenset(
    (
        "total_tokens",
        "input_tokens_details",
        "input_token_details",
        "output_token_details",
    )
)


def find_usage(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """(flavour, usage object) of a body, None when it reports no usage.

    Flavours: chat, responses, anthropic, gemini, converse, cohere, ocr.
    """
    metadata = body.get("usageMetadata") or body.get("usage_metadata")
    if isinstance(metadata, dict) and metadata:
        return "gemini", metadata
    if isinstance(dig(body, "meta", "billed_units"), dict):
        return "cohere", body["meta"]
    if isinstance(body.get("usage_info"), dict):
        return "ocr", body["usage_info"]
    usage = body.get("usage") or dig(body, "x_groq", "usage")
    if not isinstance(usage, dict) or not usage:
        return None
    flavour = _flavour(body, usage)
    return (flavour, usage) if flavour else None


def _flavour(body: dict[str, Any], usage: dict[str, Any]) -> str | None:
    if "inputTokens" in usage or "outputTokens" in usage:
        return "converse"
    if isinstance(usage.get("billed_units"), dict) or isinstance(usage.get("tokens"), dict):
        return "cohere"
    if "prompt_tokens" in usage or "completion_tokens" in usage:
        return "chat"
    if usage.get("type") == "duration":
        return "responses"
    if "input_tokens" in usage or "output_tokens" in usage:
        if body.get("type") == "message" or _ONLY_ANTHROPIC & usage.keys():
            return "anthropic"
        return "responses" if _ONLY_RESPONSES & usage.keys() or body.get("object") == "response" else "anthropic"
    return None


def counts_of(flavour: str, usage: dict[str, Any], body: dict[str, Any], provider: str | None) -> Counts:
    """Disjoint counts of one usage object."""
    if flavour == "gemini":
        return gemini_counts(usage)
    if flavour == "converse":
        return converse_counts(usage)
    if flavour == "cohere":
        return cohere_counts(usage, "usage" if "usage" in body else "meta")
    if flavour == "ocr":
        return ocr_counts(body)
    if flavour == "anthropic":
        return message_counts(usage)
    if flavour == "responses":
        return responses_counts(usage, body)
    return chat_counts(usage, provider)


_DEFAULT_PROVIDER = {"gemini": "google", "converse": "aws", "cohere": "cohere", "ocr": "mistral"}


def guess_provider(flavour: str | None, usage: dict[str, Any], body: dict[str, Any]) -> str | None:
    """The provider that only this body can come from; None when several could have sent it."""
    identity = str(body.get("id") or "")
    if flavour == "anthropic" and body.get("type") == "message":
        return {"msg_bdrk": "aws", "msg_vrtx": "google"}.get(identity[:8], "anthropic")
    if flavour in _DEFAULT_PROVIDER:
        return _DEFAULT_PROVIDER[flavour]
    if is_openrouter(usage, body):
        return "openrouter"
    if "x_groq" in body:
        return "groq"
    if "prompt_cache_hit_tokens" in usage:
        return "deepseek"
    if "num_search_queries" in usage or "citation_tokens" in usage:
        return "perplexity"
    if "cost_in_usd_ticks" in usage or "num_sources_used" in usage:
        return "x-ai"
    return "azure" if "prompt_filter_results" in body else None


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
