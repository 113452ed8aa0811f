"""Answers that count beside what they say and not in a usage object: embeddings of Vertex, models of Bedrock and
watsonx, predictions of Replicate, llama.cpp, Text Generation Inference, and headers where the body counts nothing.

Put here: bringing such counts together under the names of a usage object. Keep out: what the counts mean.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.flat_counts import flat_usage, usage_beside
from ingestion.sources.events.usage_shapes.values import as_object, count, dig

_INPUT = ("prompt_token_count", "inputTextTokenCount", "tokens_evaluated")
_OUTPUT = ("generation_token_count", "totalOutputTextTokenCount", "tokens_predicted")
_OF_VECTOR = ("tokenCount", "token_count")
_RESULT_INPUT = ("input_token_count",)
_RESULT_OUTPUT = ("tokenCount", "generated_token_count")
_HEADERS = {
    "inputTokens": "input",
    "outputTokens": "output",
    "cacheReadInputTokens": "cache-read-input",
    "cacheWriteInputTokens": "cache-write-input",
}
_OF_TGI = ("x-prompt-tokens", "x-generated-tokens")

_INVOCATION = "amazon-bedrock-invocationMetrics"
"""What Bedrock puts into the last piece of any model's stream."""
_TOLD = {
    "inputTokens": "inputTokenCount",
    "outputTokens": "outputTokenCount",
    "cacheReadInputTokens": "cacheReadInputTokenCount",
    "cacheWriteInputTokens": "cacheWriteInputTokenCount",
}


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
    kept = {name: body[name] for name in ("model", "predictions") if name in body}
    return {**kept, "object": "embedding", "usage": _usage(sum(known), None)}


def with_model_usage(body: dict[str, Any]) -> dict[str, Any]:
    """A body of Llama, Titan, watsonx, Replicate, llama.cpp or TGI, whose counts are its own fields, with usage."""
    if any(as_object(body.get(name)) for name in ("usage", "usageMetadata", "usage_metadata")):
        return body
    if told := flat_usage(body) or usage_beside(body) or _of_minimax(body):
        return {**body, "usage": told}
    read = next((found for name in _INPUT if (found := count(body.get(name), name)) is not None), None)
    wrote = next((found for name in _OUTPUT if (found := count(body.get(name), name)) is not None), None)
    results = body.get("results")
    if isinstance(results, list):
        wrote = _sum(results, _RESULT_OUTPUT) if wrote is None else wrote
        read = _sum(results, _RESULT_INPUT) if read is None else read
    if read is None and wrote is None and "embedding" in body:  # a vector of Gemini's batches
        read = next((found for name in _OF_VECTOR if (found := count(body.get(name), name)) is not None), None)
    invoked = as_object(body.get(_INVOCATION))
    if read is None and wrote is None and invoked:
        return {**body, "usage": {name: invoked[key] for name, key in _TOLD.items() if invoked.get(key) is not None}}
    metrics = as_object(body.get("metrics"))
    if read is None and wrote is None:
        read = count(metrics.get("input_token_count"), "metrics.input_token_count")
        wrote = count(metrics.get("output_token_count"), "metrics.output_token_count")
    details = as_object(body.get("details"))
    if read is None and wrote is None:
        wrote = count(details.get("generated_tokens"), "details.generated_tokens")
        read = len(details.get("prefill") or []) or None if isinstance(details.get("prefill"), list) else None
    if read is None and wrote is None:
        return body
    embedding = {"object": "embedding"} if "embedding" in body else {}
    return {**body, **embedding, "usage": _usage(read, wrote)}


def _of_minimax(body: dict[str, Any]) -> dict[str, Any]:
    """What embeddings and speech of MiniMax count; empty for other bodies."""
    if "base_resp" not in body:
        return {}
    spoken = as_object(body.get("extra_info")).get("usage_characters")
    if isinstance(body.get("vectors"), list) and body.get("total_tokens") is not None:
        return {"total_tokens": body["total_tokens"]}
    return {} if spoken is None else {"characters": spoken}


def _sum(results: list[Any], names: tuple[str, ...]) -> int | None:
    """What the results count together; None where none of them counts."""
    sizes = [count(dig(item, name), f"results.{name}") for item in results for name in names]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def with_header_usage(body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """A body without usage as one with what headers of Bedrock or of Text Generation Inference count; one of Fireworks
    with what its cache gave."""
    body = _with_cache_of_fireworks(body, headers)
    told = [count(headers.get(name), f"headers.{name}") for name in _OF_TGI]
    if None not in told and "generated_text" in body:
        return {**body, "usage": _usage(*told)}
    if any(as_object(body.get(name)) for name in ("usage", "usageMetadata", "usage_metadata")):
        return body
    given = {name: headers.get(f"x-amzn-bedrock-{header}-token-count") for name, header in _HEADERS.items()}
    usage = {name: size for name, value in given.items() if (size := count(value, f"headers.{name}")) is not None}
    return {**body, "usage": usage, _INVOCATION: usage} if usage else body


def _with_cache_of_fireworks(body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    usage = body.get("usage")
    told = headers.get("fireworks-cached-prompt-tokens") or as_object(body.get("perf_metrics")).get(
        "cached-prompt-tokens"
    )
    if not told or not isinstance(usage, dict) or "prompt_tokens" not in usage or "prompt_tokens_details" in usage:
        return body
    cached = count(told, "fireworks-cached-prompt-tokens")
    return {**body, "usage": {**usage, "prompt_tokens_details": {"cached_tokens": cached}}}


def teller_of(body: dict[str, Any]) -> str | None:
    """The provider that only a body which counts in its own fields can come from."""
    if any(name in body for name in ("generation_token_count", "inputTextTokenCount", _INVOCATION)):
        return "aws"
    if isinstance(body.get("predictions"), list):
        return "google"
    results = body.get("results")
    if isinstance(results, list) and any(dig(item, "generated_token_count") is not None for item in results):
        return "watsonx"
    return "replicate" if dig(body, "metrics", "predict_time") is not None else None


def _usage(read: int | None, wrote: int | None) -> dict[str, int]:
    found = {"prompt_tokens": read, "completion_tokens": wrote}
    return {name: number for name, number in found.items() if number is not None}
