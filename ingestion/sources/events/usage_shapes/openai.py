"""Usage of OpenAI chat completions and of the many APIs that copy it.

Put here: the field names by which these APIs differ. Totals include cached, cache-write and reasoning tokens
unless a rule below says otherwise.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.values import BadValue, count_at, decimal, dig, first_count

_CACHE_READ = (
    "prompt_tokens_details.cached_tokens",
    "prompt_cache_hit_tokens",
    "num_cached_tokens",
    "cached_tokens",
    "cached_prompt_text_tokens",
    "cache_read_input_tokens",
)
_CACHE_WRITE = (
    "prompt_tokens_details.cache_write_tokens",
    "prompt_tokens_details.cache_creation_tokens",
    "cache_creation_input_tokens",
)
_REASONING = ("completion_tokens_details.reasoning_tokens", "reasoning_tokens")


def chat_counts(usage: dict[str, Any], provider: str | None = None, root: str = "usage") -> Counts:
    """Disjoint counts of a chat completion, embedding or completion body.

    `provider` settles what the body leaves open: whether reasoning lies outside `completion_tokens`.
    """
    prompt = count_at(usage, "prompt_tokens", root=root)
    given = Input(
        field=f"{root}.prompt_tokens".lstrip("."),
        total=prompt,
        cache_read=first_count(usage, *_CACHE_READ, root=root),
        cache_write=first_count(usage, *_CACHE_WRITE, root=root),
        cache_write_5m=_ttl(usage, "5m", root),
        cache_write_1h=_ttl(usage, "1h", root),
        audio=count_at(usage, "prompt_tokens_details", "audio_tokens", root=root),
        image=count_at(usage, "prompt_tokens_details", "image_tokens", root=root),
        video=count_at(usage, "prompt_tokens_details", "video_tokens", root=root),
    )
    _check_deepseek(usage, prompt, root)
    output, reasoning, citation = _output(usage, prompt, provider, root)
    return drop_unknown(
        disjoint_input(given)
        | disjoint_output(
            f"{root}.completion_tokens".lstrip("."),
            output,
            reasoning=reasoning,
            citation=citation,
            audio=count_at(usage, "completion_tokens_details", "audio_tokens", root=root),
            image=count_at(usage, "completion_tokens_details", "image_tokens", root=root),
            video=count_at(usage, "completion_tokens_details", "video_tokens", root=root),
        )
        | _tools(usage, root)
    )


def _ttl(usage: dict[str, Any], ttl: str, root: str) -> int | None:
    return first_count(
        usage,
        f"prompt_tokens_details.cache_creation_token_details.ephemeral_{ttl}_input_tokens",
        f"cache_creation.ephemeral_{ttl}_input_tokens",
        root=root,
    )


def _check_deepseek(usage: dict[str, Any], prompt: int | None, root: str) -> None:
    hit = count_at(usage, "prompt_cache_hit_tokens", root=root)
    miss = count_at(usage, "prompt_cache_miss_tokens", root=root)
    if None not in (prompt, hit, miss) and (hit or 0) + (miss or 0) != prompt:
        field = f"{root}.prompt_tokens".lstrip(".")
        message = f"prompt_cache_hit_tokens ({hit}) + prompt_cache_miss_tokens ({miss}) are not {field} ({prompt})."
        raise BadValue(field, "parts_do_not_sum", message + " Log the body as the provider sent it.")


def _output(
    usage: dict[str, Any], prompt: int | None, provider: str | None, root: str
) -> tuple[int | None, int | None, int | None]:
    """(all output, reasoning, citation tokens).

    Reasoning lies outside `completion_tokens` when the printed total says so, at Perplexity always, and at xAI
    when no total is given. A Google total above its parts is thinking that is not itemised.
    """
    completion = count_at(usage, "completion_tokens", root=root)
    reasoning = first_count(usage, *_REASONING, root=root)
    citation = count_at(usage, "citation_tokens", root=root)
    total = count_at(usage, "total_tokens", root=root)
    if completion is None:
        return None, reasoning, citation
    if citation is not None or "num_search_queries" in usage or provider == "perplexity":
        return completion + (reasoning or 0) + (citation or 0), reasoning, citation
    if reasoning:
        is_outside = provider == "x-ai" if total is None else total == (prompt or 0) + completion + reasoning
        return completion + (reasoning if is_outside else 0), reasoning, None
    hidden = (total or 0) - (prompt or 0) - completion
    if provider == "google" and hidden > 0:
        return completion + hidden, hidden, None
    return completion, reasoning, None


def _tools(usage: dict[str, Any], root: str) -> Counts:
    details = "server_side_tool_usage_details"
    return {
        "web_searches": first_count(
            usage,
            "num_search_queries",
            "server_tool_use.web_search_requests",
            "prompt_tokens_details.web_search_requests",
            f"{details}.web_search_calls",
            root=root,
        ),
        "audio_milliseconds": audio_milliseconds(usage, "prompt_audio_seconds", root),
    }


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


def responses_counts(usage: dict[str, Any], body: dict[str, Any] | None = None, root: str = "usage") -> Counts:
    """Disjoint counts of the Responses API, and of the realtime, image and transcription bodies shaped like it."""
    body = body or {}
    if usage.get("type") == "duration":
        return drop_unknown({"audio_milliseconds": audio_milliseconds(usage, "seconds", root)})
    inside = "input_tokens_details" if "input_tokens_details" in usage else "input_token_details"
    produced = "output_tokens_details" if "output_tokens_details" in usage else "output_token_details"
    total = count_at(usage, "input_tokens", root=root)
    output = count_at(usage, "output_tokens", root=root)
    given = Input(
        field=f"{root}.input_tokens",
        total=total,
        cache_read=first_count(usage, f"{inside}.cached_tokens", f"{inside}.cache_read_input_tokens", root=root),
        cache_write=count_at(usage, inside, "cache_write_tokens", root=root),
        audio=count_at(usage, inside, "audio_tokens", root=root),
        audio_cache_read=count_at(usage, inside, "cached_tokens_details", "audio_tokens", root=root),
        image=count_at(usage, inside, "image_tokens", root=root),
        image_cache_read=count_at(usage, inside, "cached_tokens_details", "image_tokens", root=root),
    )
    image = count_at(usage, produced, "image_tokens", root=root)
    if image is None and "text_tokens" not in (usage.get(produced) or {}) and _is_image_body(body):
        image = output
    return drop_unknown(
        disjoint_input(given)
        | disjoint_output(
            f"{root}.output_tokens",
            output,
            reasoning=count_at(usage, produced, "reasoning_tokens", root=root),
            audio=count_at(usage, produced, "audio_tokens", root=root),
            image=image,
        )
        | _called_tools(usage, body, root)
    )


def _is_image_body(body: dict[str, Any]) -> bool:
    items = body.get("data")
    first = items[0] if isinstance(items, list) and items else None
    return isinstance(first, dict) and ("b64_json" in first or "url" in first)


def _called_tools(usage: dict[str, Any], body: dict[str, Any], root: str) -> Counts:
    """Searches: as the usage counts them, else as the answer's items show them (looking at a page is free)."""
    web = first_count(
        usage,
        "tool_calls_details.search_web.invocation",
        "server_side_tool_usage_details.web_search_calls",
        root=root,
    )
    items = body.get("output")
    shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    found = [
        item
        for item in shown
        if item.get("type") == "web_search_call" and dig(item, "action", "type") in (None, "search")
    ]
    files = sum(item.get("type") == "file_search_call" for item in shown)
    return {"web_searches": web if web is not None else (len(found) or None), "file_searches": files or None}
