"""The usage of a span: attributes of any generation, or the provider's own usage object where the span carries it.

Put here: how spans report usage. Keep out: names of attributes (`attributes`), which spans count (`traces`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingestion.sources.events.otel.attributes import counters, first, partial_counters, raw_usage
from ingestion.sources.events.otel.provider_metadata import ATTRIBUTE, google_usage, metadata_of
from ingestion.sources.events.provider_bodies.flavours import canonical_provider, counts_of, find_usage
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family, is_of_xai
from ingestion.sources.events.usage_shapes.others import ai_sdk_family
from ingestion.sources.events.usage_shapes.reading import Reading, read_named
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.relations import CostFits, counts_from
from ingestion.sources.events.usage_shapes.sdk_metadata import told_counters, told_terms, with_told_tools
from ingestion.sources.events.usage_shapes.tiers import terms_in
from ingestion.sources.events.usage_shapes.unresolved import Unresolved
from ingestion.sources.events.usage_shapes.values import as_object, text

SPAN = Family(
    "otel", input_field="gen_ai.usage.input_tokens", output_field="gen_ai.usage.output_tokens", total_is_sum=True
)
_USAGE = "gen_ai.usage."
_XAI = ("xai", "x-ai", "x_ai", "x.ai", "grok")
_GOOGLE = ("gcp.", "google", "gemini", "vertex")


def span_terms(attributes: dict[str, Any]) -> dict[str, str]:
    """Tier, speed and place as the provider's own usage object tells them."""
    raw = raw_usage(attributes)
    named = {key[len(_USAGE) :]: value for key, value in attributes.items() if key.startswith(_USAGE)}
    return told_terms(metadata_of(attributes)) | terms_in(raw[1] if raw else None, named)


def span_counts(attributes: dict[str, Any], start: datetime | None = None) -> Counts:
    """Disjoint counts of a span, with the searches that the provider's own answer shows. Raises `BadValue`."""
    counts, metadata = _counts(attributes, start), metadata_of(attributes)
    return with_told_tools(counts, metadata, _model(attributes)) if metadata else counts


def _model(attributes: dict[str, Any]) -> str | None:
    return text(first(attributes, "response_model")) or text(first(attributes, "request_model"))


def _counts(attributes: dict[str, Any], start: datetime | None) -> Counts:
    """Disjoint counts of a span. Raises `BadValue`.

    The conventions include cached tokens in the input; older instrumentations of Anthropic leave them out, which a
    total or an input that is too small shows.
    """
    google = google_usage(attributes)
    raw = ("usageMetadata", google) if google else raw_usage(attributes) or _folded(attributes)
    if raw is not None:
        found = _from_body(attributes, *raw)
        if found:
            return found
    given = counters(attributes)
    reading = read_named([*_inside_if_detail(given), *told_counters(metadata_of(attributes), ATTRIBUTE)])
    if not reading.found and (partial := partial_counters(attributes)):
        reading = read_named(partial)
        reading.unresolved.append(Unresolved("gen_ai.usage.partial", sum(reading.found.values()), "partial_usage"))
    return _as_put_out(attributes, counts_from(reading, _family(attributes, reading), _cost_fits(attributes, start)))


_ANSWER, _PROMPT = "output.value", "llm.token_count.prompt"
_OF_MESSAGES = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def _folded(attributes: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Anthropic's usage in the answer that a span of OpenInference keeps, where its sum of a stream hides the cache."""
    answer, whole = attributes.get(_ANSWER), text(attributes.get(_PROMPT))
    if not isinstance(answer, str) or '"cache_' not in answer or any(_PROMPT + "_details" in key for key in attributes):
        return None
    usage = as_object(as_object(answer).get("usage"))
    parts = [usage.get(name) or 0 for name in _OF_MESSAGES]
    is_sum = all(isinstance(part, int) for part in parts) and str(sum(parts)) == whole and any(parts[1:])
    return (_ANSWER, usage) if is_sum else None


_MEDIA = {"image": "image_output_tokens", "speech": "audio_output_tokens"}


def _as_put_out(attributes: dict[str, Any], counts: Counts) -> Counts:
    """The counts; where the span says that it put out images or speech, its output is that, but for thinking."""
    column = _MEDIA.get(text(attributes.get("gen_ai.output.type")) or "")
    written = counts.get("output_tokens")
    if column is None or not written or counts.get(column):
        return counts
    thought = counts.get("reasoning_tokens") or 0
    return counts | {column: written - thought, "output_tokens": thought}


_DETAILS = "gen_ai.usage.details."


def _inside_if_detail(given: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """Thoughts among the details are a part of the output, which holds them as pydantic-ai sums it up."""
    return [
        (name.replace("thoughts_tokens", "reasoning_tokens") if path.startswith(_DETAILS) else name, path, value)
        for name, path, value in given
    ]


def _cost_fits(attributes: dict[str, Any], start: datetime | None) -> CostFits | None:
    cost = first(attributes, "cost")
    if cost is None or start is None:
        return None
    printed = repr(cost) if isinstance(cost, float) else cost
    return recorded_cost_fits(printed, text(first(attributes, "provider")), _model(attributes), start)


def _from_body(attributes: dict[str, Any], name: str, usage: dict[str, Any]) -> Counts:
    key = "usageMetadata" if "promptTokenCount" in usage else "usage"
    found = find_usage({key: usage})
    if found is None or found[0] in ("unknown", "charge"):
        return {}
    provider = canonical_provider(text(first(attributes, "provider")))
    return counts_of(found[0], found[1], {key: usage}, provider, _model(attributes))


def _family(attributes: dict[str, Any], reading: Reading) -> Family:
    provider = (text(first(attributes, "provider")) or "").lower()
    operation = str(first(attributes, "operation")).lower()
    is_embedding = "embed" in operation or "rerank" in operation
    model = (_model(attributes) or "").lower()
    is_google = provider.startswith(_GOOGLE) or "gemini" in model
    family = SPAN.with_(
        is_embedding=is_embedding,
        total_holds_thinking=(is_google and "claude" not in model)
        or (is_of_xai(model) and not reading.get("reasoning")),
        reasoning_may_be_beside=is_google or provider in _XAI,
    )
    if any(key.startswith("ai.usage.") for key in attributes):
        has_details = any("TokenDetails." in key for key in attributes)
        sdk = ai_sdk_family(provider, has_details)
        return family.with_(cache_is_beside=sdk.cache_is_beside, assumption=sdk.assumption)
    if any(name in provider for name in ("anthropic", "bedrock")):
        return family.with_(assumption="otel")
    return family
