"""Usage of OpenAI chat completions and Responses, and of the many APIs that copy them.

Put here: what tells these APIs apart. Keep out: names of counters (`counters`), tools that an answer shows (`tools`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, drop_unknown
from ingestion.sources.events.usage_shapes.families import Family, is_of_google, is_of_xai
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import CostFits, counts_from
from ingestion.sources.events.usage_shapes.values import BadValue, decimal

CHAT = Family("chat")
RESPONSES = Family("responses")


def chat_family(usage: dict[str, Any], provider: str | None, root: str = "usage") -> Family:
    """What is known of a chat body: reasoning lies outside `completion_tokens` at Perplexity always, and at xAI
    where no total is given; a Google total above its parts is thinking that is not itemised.
    """
    is_perplexity = provider == "perplexity" or "num_search_queries" in usage or "citation_tokens" in usage
    return _chat_family(is_perplexity, provider, root)


@lru_cache(maxsize=1024)
def _chat_family(is_perplexity: bool, provider: str | None, root: str) -> Family:
    return CHAT.with_(
        input_field=f"{root}.prompt_tokens".lstrip("."),
        output_field=f"{root}.completion_tokens".lstrip("."),
        reasoning_is_beside=is_perplexity or provider == "x-ai",
        is_certain=is_perplexity,
        total_holds_thinking=provider == "google",
    )


def chat_counts(
    usage: dict[str, Any],
    provider: str | None = None,
    root: str = "usage",
    *,
    total_is_sum: bool = False,
    is_embedding: bool = False,
    cost_fits: CostFits | None = None,
    model: str | None = None,
) -> Counts:
    """Disjoint counts of a chat completion, embedding or completion body.

    A total of xAI's that is above its parts holds reasoning, where a gateway or SDK left its details out.
    """
    family = chat_family(usage, provider, root)
    if total_is_sum or is_embedding:
        family = _with(family, total_is_sum, is_embedding)
    reading = read_usage(usage, root)
    if is_of_xai(model) and not reading.get("reasoning"):
        family = family.with_(total_holds_thinking=True)
    heard = audio_milliseconds(usage, "seconds" if "seconds" in usage else "prompt_audio_seconds", root)
    if heard:
        reading.take("total")  # holds the audio's tokens too, which no counter names: it is charged by its seconds
    return counts_from(reading, family, cost_fits) | drop_unknown({"audio_milliseconds": heard})


@lru_cache(maxsize=1024)
def _with(family: Family, total_is_sum: bool, is_embedding: bool) -> Family:
    return family.with_(total_is_sum=total_is_sum, is_embedding=is_embedding)


def audio_milliseconds(usage: dict[str, Any], key: str, root: str = "usage") -> int | None:
    """A duration in seconds as whole milliseconds; Mistral prints an empty object for none."""
    value = usage.get(key)
    if isinstance(value, dict):
        return None
    seconds = decimal(value, f"{root}.{key}")
    if seconds is None:
        return None
    if not 0 <= seconds < 10**9:
        raise BadValue(f"{root}.{key}", "duration_out_of_range", f"{root}.{key} is {seconds} seconds: correct the log.")
    return int((seconds * 1000).to_integral_value())


def responses_counts(
    usage: dict[str, Any], body: dict[str, Any] | None = None, root: str = "usage", model: str | None = None
) -> Counts:
    """Disjoint counts of the Responses API, and of the realtime, image and transcription bodies and the messages of
    frameworks shaped like it."""
    body = body or {}
    if usage.get("type") == "duration":
        return drop_unknown({"audio_milliseconds": audio_milliseconds(usage, "seconds", root)})
    family = RESPONSES.with_(
        input_field=f"{root}.input_tokens",
        output_field=f"{root}.output_tokens",
        total_holds_thinking=is_of_google(model),
    )
    reading = read_usage(usage, root)
    if str(body.get("type")).startswith("speech.audio.") and (spoken := reading.get("output")) is not None:
        reading.found.setdefault("audio_output", spoken)
    produced = usage.get("output_tokens_details") or usage.get("output_token_details") or {}
    if reading.get("image_output") is None and "text_tokens" not in produced and _is_image_body(body):
        number = reading.get("output")
        if number is not None:
            reading.found["image_output"] = number
    return counts_from(reading, family)


def _is_image_body(body: dict[str, Any]) -> bool:
    if str(body.get("type")).startswith(("image_generation.", "image_edit.")):
        return True
    items = body.get("data")
    first = items[0] if isinstance(items, list) and items else None
    return isinstance(first, dict) and ("b64_json" in first or "url" in first)
