"""Answers that count beside what they say and not in a usage object: embeddings of Vertex, models of Bedrock.

Put here: bringing such counts together under the names of a usage object. Keep out: what the counts mean.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import as_object, count, dig

_INPUT = ("prompt_token_count", "inputTextTokenCount")
_OUTPUT = ("generation_token_count", "totalOutputTextTokenCount")


def with_predicted_usage(body: dict[str, Any]) -> dict[str, Any]:
    """Embeddings of Vertex, whose tokens stand beside each vector, as a body with usage; any other as it is."""
    found = body.get("predictions")
    if not isinstance(found, list) or any(body.get(name) for name in ("usage", "usageMetadata", "usage_metadata")):
        return body
    path = "predictions.embeddings.statistics.token_count"
    sizes = [count(dig(item, "embeddings", "statistics", "token_count"), path) for item in found]
    known = [size for size in sizes if size is not None]
    if not known:
        return body
    return {"object": "embedding", "model": body.get("model"), "usage": _usage(sum(known), None)}


def with_model_usage(body: dict[str, Any]) -> dict[str, Any]:
    """A body of Llama or Titan on Bedrock, whose counts are its own fields, as one with usage; any other as it is."""
    if as_object(body.get("usage")):
        return body
    read = next((found for name in _INPUT if (found := count(body.get(name), name)) is not None), None)
    wrote = next((found for name in _OUTPUT if (found := count(body.get(name), name)) is not None), None)
    results = body.get("results")
    if wrote is None and isinstance(results, list):
        sizes = [count(dig(item, "tokenCount"), "results.tokenCount") for item in results]
        known = [size for size in sizes if size is not None]
        wrote = sum(known) if known else None
    if read is None and wrote is None:
        return body
    return {**body, "usage": _usage(read, wrote)}


def _usage(read: int | None, wrote: int | None) -> dict[str, int]:
    found = {"prompt_tokens": read, "completion_tokens": wrote}
    return {name: number for name, number in found.items() if number is not None}
