"""Spans that name counters without a prefix, as Claude Code and many own instrumentations do, under the usual names.

Put here: such names, and what a span says it put out. Keep out: names of the conventions (`attributes`).
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.otel.attributes import has_usage
from ingestion.sources.events.provider_bodies.frameworks import haystack
from ingestion.sources.events.usage_shapes.values import as_object

Attributes = dict[str, Any]
_COUNTERS = (
    "input_tokens",
    "output_tokens",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "reasoning_tokens",
    "cached_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)
_INPUTS = ("input_tokens", "prompt_tokens")
_MODELS = ("gen_ai.request.model", "gen_ai.response.model", "model", "model_name", "llm.model")
_RESPONSE = ("gen_ai.response.prompt_tokens", "gen_ai.response.completion_tokens")
"""Counters of Semantic Kernel before the conventions had them."""
_CLAUDE = "llm_request"


def with_usual_names(attributes: Attributes) -> Attributes:
    """The attributes; flat counters beside a model under the names of the conventions, where there are no others."""
    if printed := _of_genkit(attributes) or _of_haystack(attributes):
        return {**attributes, **printed}
    older = {name: attributes[name] for name in _RESPONSE if name in attributes}
    if older:
        return {**attributes, **{name.replace(".response.", ".usage."): item for name, item in older.items()}}
    model = next((attributes[name] for name in _MODELS if attributes.get(name)), None)
    if model is None or not any(name in attributes for name in _INPUTS) or has_usage(attributes):
        return attributes
    found = {f"gen_ai.usage.{name}": attributes[name] for name in _COUNTERS if name in attributes}
    if "cost_usd" in attributes:
        found["gen_ai.usage.cost"] = attributes["cost_usd"]
    if attributes.get("span.type") == _CLAUDE:
        found |= _of_claude_code(attributes)
    return {**attributes, "gen_ai.request.model": model, **found}


def _of_genkit(attributes: Attributes) -> Attributes:
    """What a model's action of Genkit put out, which names it as `googleai/gemini-2.5-flash`."""
    used = as_object(as_object(attributes.get("genkit:output")).get("usage"))
    if attributes.get("genkit:metadata:subtype") != "model" or not used:
        return {}
    plugin, _, model = str(attributes.get("genkit:name") or attributes.get("genkit:metadata:name") or "").partition("/")
    counted = {f"gen_ai.usage.{name}": item for name, item in used.items() if str(name).endswith("Tokens")}
    provider = "google" if plugin in ("googleai", "vertexai") else plugin
    return {"gen_ai.provider.name": provider or None, "gen_ai.request.model": model or plugin, **counted}


def _of_haystack(attributes: Attributes) -> Attributes:
    """What a generator of Haystack put out, where the tracing keeps contents."""
    calls = haystack(as_object(attributes.get("haystack.component.output"))) or []
    if not calls:
        return {}
    answer = calls[0]["response"]
    return {"gen_ai.request.model": answer["model"], "gen_ai.usage.raw": answer["usage"]}


def _of_claude_code(attributes: Attributes) -> Attributes:
    """Its cache lies beside its input; its logs know the call by the id of its request."""
    sizes = [str(attributes[name]) for name in _COUNTERS if name in attributes]
    whole = sum(map(int, sizes)) if all(map(str.isdigit, sizes)) else None
    found = {"gen_ai.usage.total_tokens": whole, "gen_ai.response.id": attributes.get("request_id")}
    return {"gen_ai.provider.name": attributes.get("gen_ai.system") or "anthropic", **found}
