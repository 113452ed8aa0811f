"""Usage of Bedrock Converse, the Vercel AI SDK, Cohere, Mistral OCR, and of embeddings that print only a total.

Put here: small shapes of one API each. Keep out: anything that resembles OpenAI, Anthropic or Gemini.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, drop_unknown
from ingestion.sources.events.usage_shapes.families import Family, is_of_google
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.reading import read_beside, read_usage
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.sdk_metadata import google_usage, told_counters, with_told_tools
from ingestion.sources.events.usage_shapes.values import count_at, dig, text

CONVERSE = Family("converse", cache_is_beside=True, is_certain=True)
AI_SDK = Family("ai_sdk", total_is_sum=True)
COHERE = Family("cohere", is_certain=True)
BESIDE_IN_AI_SDK_5 = ("anthropic", "aws", "bedrock")


def converse_counts(usage: dict[str, Any], root: str = "usage") -> Counts:
    """Bedrock Converse: `inputTokens` excludes the cache. `...InputTokenCount` repeats `...InputTokens`: read once."""
    family = CONVERSE.with_(input_field=f"{root}.cacheWriteInputTokens", output_field=f"{root}.outputTokens")
    return counts_from(read_usage(usage, root), family)


def routed_to(body: dict[str, Any]) -> str | None:
    """The model that a prompt router of Bedrock sent a call to, whose price counts."""
    return text(dig(body, "trace", "promptRouter", "invokedModelId"))


def ai_sdk_family(provider: str | None, has_details: bool) -> Family:
    """How the Vercel AI SDK counts: with details (6 and later) the input holds the cache; in 5 it does not for
    Anthropic and Bedrock. Its total is the sum of input and output and shows nothing.
    """
    maker = (provider or "").lower()
    is_beside = not has_details and any(name in maker for name in BESIDE_IN_AI_SDK_5)
    return AI_SDK.with_(cache_is_beside=is_beside, assumption=None if has_details else "ai_sdk_5")


_NO_METADATA: dict[str, Any] = {}


def ai_sdk_counts(
    usage: dict[str, Any],
    provider: str | None,
    metadata: dict[str, Any] = _NO_METADATA,
    model: str | None = None,
    root: str = "usage",
) -> Counts:
    """The usage object of the Vercel AI SDK, versions 4 to 7, with what the provider's metadata tell beside it."""
    if google := google_usage(metadata):
        return with_told_tools(gemini_counts(google, "providerMetadata.google.usageMetadata"), metadata, model)
    has_details = isinstance(usage.get("inputTokenDetails"), dict) or isinstance(usage.get("inputTokens"), dict)
    family = ai_sdk_family(provider, has_details).with_(
        input_field=f"{root}.inputTokens",
        output_field=f"{root}.outputTokens",
        total_holds_thinking=is_of_google(model),
        reasoning_is_beside=is_of_google(model) and not has_details,
    )
    reading = read_beside(read_usage(usage, root), told_counters(metadata, "providerMetadata"))
    return with_told_tools(counts_from(reading, family), metadata, model)


def cohere_counts(usage: dict[str, Any], root: str = "usage") -> Counts:
    """Cohere: only `billed_units` are charged; `tokens` count its prompt template too and serve when units lack."""
    reading = read_usage(usage, root, skip=("api_version",))
    if isinstance(usage.get("billed_units"), dict):
        reading.take("cache_read")  # of the whole prompt, of which only the units are charged
    return counts_from(reading, COHERE.with_(input_field=f"{root}.billed_units"))


def ocr_counts(body: dict[str, Any]) -> Counts:
    """Mistral OCR: pages, which are annotated pages instead when the answer holds an annotation."""
    pages = count_at(body.get("usage_info"), "pages_processed", root="usage_info")
    if body.get("document_annotation"):
        return drop_unknown({"document_pages": 0, "annotated_document_pages": pages})
    return drop_unknown({"document_pages": pages})
