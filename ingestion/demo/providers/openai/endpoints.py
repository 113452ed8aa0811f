"""The usage endpoints of OpenAI's organization API: fields, filters and figures of each.

Put here: what the published reference says of an endpoint. Keep out: serving.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROJECT = ("project_id",)
BASE = ("project_id", "user_id", "api_key_id", "model")
_BASE_FILTERS = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
}
Figures = Callable[[Mapping[str, int]], dict[str, int]]


@dataclass(frozen=True)
class UsageEndpoint:
    """`fields` can be grouped by, `filters` are parameter → field, `counts` are the columns that are added up."""

    name: str
    result: str
    fields: tuple[str, ...]
    filters: Mapping[str, str]
    counts: tuple[str, ...]
    figures: Figures


def _completions(sums: Mapping[str, int]) -> dict[str, int]:
    uncached, read, write = sums["uncached_input_tokens"], sums["cache_read_tokens"], sums["cache_write_tokens"]
    return {
        "input_tokens": uncached + read + write,
        "input_uncached_tokens": uncached,
        "input_cached_tokens": read,
        "input_cache_write_tokens": write,
        "input_cache_write_30m_tokens": write,
        "input_cache_write_12h_tokens": 0,
        "output_tokens": sums["output_tokens"],
        "input_text_tokens": uncached,
        "output_text_tokens": sums["output_tokens"],
        "input_cached_text_tokens": read,
        "input_audio_tokens": 0,
        "input_cached_audio_tokens": 0,
        "output_audio_tokens": 0,
        "input_image_tokens": 0,
        "input_cached_image_tokens": 0,
        "output_image_tokens": 0,
        "num_model_requests": sums["request_count"],
    }


def _input_only(sums: Mapping[str, int]) -> dict[str, int]:
    return {"input_tokens": sums["uncached_input_tokens"], "num_model_requests": sums["request_count"]}


_TOKENS = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "request_count")
_INPUT = ("uncached_input_tokens", "request_count")


def _plain(name: str, result: str, fields: tuple[str, ...], counts: tuple[str, ...], **filters: str) -> UsageEndpoint:
    own = {param: field for param, field in _BASE_FILTERS.items() if field in fields}
    return UsageEndpoint(name, result, fields, own | filters, counts, dict)


_COMPLETION_FIELDS = (*BASE, "batch", "service_tier", "api_source")
_COMPLETION_FILTERS = {**_BASE_FILTERS, "batch": "batch"}
USAGE_ENDPOINTS: dict[str, UsageEndpoint] = {
    one.name: one
    for one in (
        UsageEndpoint("completions", "completions", _COMPLETION_FIELDS, _COMPLETION_FILTERS, _TOKENS, _completions),
        UsageEndpoint("embeddings", "embeddings", BASE, _BASE_FILTERS, _INPUT, _input_only),
        UsageEndpoint("moderations", "moderations", BASE, _BASE_FILTERS, _INPUT, _input_only),
        _plain(
            "images",
            "images",
            (*BASE, "size", "source"),
            ("images", "num_model_requests"),
            sizes="size",
            sources="source",
        ),
        _plain("audio_speeches", "audio_speeches", BASE, ("characters", "num_model_requests")),
        _plain("audio_transcriptions", "audio_transcriptions", BASE, ("seconds", "num_model_requests")),
        _plain("code_interpreter_sessions", "code_interpreter_sessions", PROJECT, ("num_sessions",)),
        _plain(
            "file_search_calls",
            "file_searches",
            ("project_id", "user_id", "api_key_id", "vector_store_id"),
            ("num_requests",),
            vector_store_ids="vector_store_id",
        ),
        _plain(
            "web_search_calls",
            "web_searches",
            (*BASE, "context_level", "api_source"),
            ("num_model_requests", "num_requests"),
            context_levels="context_level",
        ),
    )
}
"""Without vector stores, whose figure is a level and not a sum."""
