"""Langfuse's `usageDetails`: keys that callers choose, made disjoint.

Put here: the spellings of keys and the rule for whether `input` includes what is cached. Keep out: rows.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.values import BadValue, count

KEYS: dict[str, tuple[str, ...]] = {
    "input": ("input", "input_tokens", "prompt_tokens", "promptTokens", "inputTokens", "prompt_token_count"),
    "output": (
        "output",
        "output_tokens",
        "completion_tokens",
        "completionTokens",
        "outputTokens",
        "candidates_token_count",
    ),
    "total": ("total", "total_tokens", "totalTokens", "total_token_count"),
    "cache_read": (
        "input_cached_tokens",
        "input_cache_read",
        "cache_read_input_tokens",
        "input_cached",
        "cached_tokens",
        "cached_content_token_count",
    ),
    "cache_write": (
        "cache_creation_input_tokens",
        "input_cache_creation",
        "input_cache_write",
        "cache_write_input_tokens",
    ),
    "cache_write_5m": ("input_cache_creation_5m",),
    "cache_write_1h": ("input_cache_creation_1h",),
    "reasoning": ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "thoughts_token_count"),
    "audio_input": ("input_audio_tokens", "input_audio"),
    "image_input": ("input_image_tokens", "input_image"),
    "audio_output": ("output_audio_tokens", "output_audio"),
    "image_output": ("output_image_tokens", "output_image"),
    "web_searches": ("web_search", "web_searches", "web_search_requests"),
}
_INSIDE_INPUT = ("cache_read", "audio_input", "image_input")
_INSIDE_OUTPUT = ("reasoning", "audio_output", "image_output")


def read_details(details: dict[str, Any]) -> tuple[dict[str, int], list[str]]:
    """(counts by our name, keys that no rule knows). Of several spellings of one thing the first counts."""
    found: dict[str, int] = {}
    for name, keys in KEYS.items():
        for key in keys:
            number = count(details.get(key), f"usageDetails.{key}")
            if number is not None:
                found[name] = number
                break
    known = {key for keys in KEYS.values() for key in keys}
    unknown = sorted(key for key, value in details.items() if key not in known and value not in (None, 0))
    return found, unknown


def detail_counts(details: dict[str, Any]) -> tuple[Counts, list[str]]:
    """Disjoint counts, and the keys that were left out because nobody knows what they mean.

    Whether `input` includes the other input keys (and `output` the other output keys) is decided by the printed
    total: parts beside each other sum to it, or input and output alone do. Without a total, or when it agrees
    with neither, keys lie beside each other, as Langfuse's own integrations write them and as it prices them.
    """
    found, unknown = read_details(details)
    write = found.get("cache_write")
    by_lifetime = sum(found.get(name, 0) for name in ("cache_write_5m", "cache_write_1h"))
    if write is None and ("cache_write_5m" in found or "cache_write_1h" in found):
        write = by_lifetime
    elif write is not None and write < by_lifetime:
        write += by_lifetime
    more_input = sum(found.get(name, 0) for name in _INSIDE_INPUT) + (write or 0)
    more_output = sum(found.get(name, 0) for name in _INSIDE_OUTPUT)
    input_inside, output_inside = _are_inside(found, more_input, more_output)
    received, produced = found.get("input"), found.get("output")
    if received is None and produced is None and "total" in found and not more_input and not more_output:
        message = "Only a total is reported, which no price applies to. Report input and output."
        raise BadValue("usageDetails", "only_total_tokens", message)
    given = Input(
        field="usageDetails.input",
        total=_whole(received, more_input, input_inside),
        cache_read=found.get("cache_read"),
        cache_write=write,
        cache_write_5m=found.get("cache_write_5m"),
        cache_write_1h=found.get("cache_write_1h"),
        audio=found.get("audio_input"),
        image=found.get("image_input"),
    )
    output = disjoint_output(
        "usageDetails.output",
        _whole(produced, more_output, output_inside),
        reasoning=found.get("reasoning"),
        audio=found.get("audio_output"),
        image=found.get("image_output"),
    )
    counts = disjoint_input(given) | output | {"web_searches": found.get("web_searches")}
    return drop_unknown(counts), unknown


def _are_inside(found: dict[str, int], more_input: int, more_output: int) -> tuple[bool, bool]:
    """Whether the other input keys lie inside `input`, and the other output keys inside `output`."""
    total = found.get("total")
    if total is None:
        return False, False
    plain = found.get("input", 0) + found.get("output", 0)
    for input_inside in (False, True):
        for output_inside in (False, True):
            beside = (0 if input_inside else more_input) + (0 if output_inside else more_output)
            if plain + beside == total:
                return input_inside and more_input > 0, output_inside and more_output > 0
    return False, False


def _whole(plain: int | None, more: int, is_inside: bool) -> int | None:
    if plain is None:
        return more or None
    return plain if is_inside else plain + more
