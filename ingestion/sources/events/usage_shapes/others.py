"""Usage of Bedrock Converse, Cohere and Mistral OCR.

Put here: small shapes of one provider each. Keep out: anything that resembles OpenAI, Anthropic or Gemini.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.values import count, count_at, dig, first_count


def converse_counts(usage: dict[str, Any], root: str = "usage") -> Counts:
    """Bedrock Converse: `inputTokens` excludes the cache. `...InputTokenCount` repeats `...InputTokens`: read once."""
    plain = count_at(usage, "inputTokens", root=root)
    read = first_count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount", root=root)
    write = first_count(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount", root=root)
    by_ttl: dict[str, int] = {}
    details = usage.get("cacheDetails")
    for item in details if isinstance(details, list) else []:
        tokens = count(dig(item, "inputTokens"), f"{root}.cacheDetails.inputTokens")
        if tokens is not None:
            ttl = str(dig(item, "ttl"))
            by_ttl[ttl] = by_ttl.get(ttl, 0) + tokens
    if write is None and by_ttl:
        write = sum(by_ttl.values())
    given = Input(
        field=f"{root}.cacheWriteInputTokens",
        total=None if plain is None else plain + (read or 0) + (write or 0),
        cache_read=read,
        cache_write=write,
        cache_write_5m=by_ttl.get("5m"),
        cache_write_1h=by_ttl.get("1h"),
    )
    output = disjoint_output(f"{root}.outputTokens", count_at(usage, "outputTokens", root=root))
    return drop_unknown(disjoint_input(given) | output)


def cohere_counts(usage: dict[str, Any], root: str = "usage") -> Counts:
    """Cohere: only `billed_units` are charged; `tokens` count its prompt template too and serve when units lack."""
    units = usage.get("billed_units")
    if isinstance(units, dict):
        at = f"{root}.billed_units"
        received = Input(f"{at}.input_tokens", count_at(units, "input_tokens", root=at))
        produced = disjoint_output(f"{at}.output_tokens", count_at(units, "output_tokens", root=at))
        other = {
            "rerank_searches": count_at(units, "search_units", root=at),
            "images": count_at(units, "images", root=at),
        }
        return drop_unknown(disjoint_input(received) | produced | other)
    tokens = usage.get("tokens")
    at = f"{root}.tokens"
    received = Input(
        f"{at}.input_tokens",
        count_at(tokens, "input_tokens", root=at),
        cache_read=count_at(usage, "cached_tokens", root=root),
    )
    return drop_unknown(
        disjoint_input(received) | disjoint_output(f"{at}.output_tokens", count_at(tokens, "output_tokens", root=at))
    )


def ocr_counts(body: dict[str, Any]) -> Counts:
    """Mistral OCR: pages, which are annotated pages instead when the answer holds an annotation."""
    pages = count_at(body.get("usage_info"), "pages_processed", root="usage_info")
    if body.get("document_annotation"):
        return drop_unknown({"document_pages": 0, "annotated_document_pages": pages})
    return drop_unknown({"document_pages": pages})
