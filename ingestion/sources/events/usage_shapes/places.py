"""Where the objects and lists of a usage object lead: the place at which the names below them mean something.

Put here: names of such objects. Keep out: names of counters (`counters`).
"""

from __future__ import annotations

from functools import lru_cache

from ingestion.sources.events.usage_shapes.spellings import joined_name, plain_name

PLACES: dict[str, str] = {
    "input": "prompt_tokens_details input_tokens_details input_token_details prompt_token_details prompt_details "
    "input_details input_tokens prompt_tokens input_tokens_by_modality",
    "tool_input": "tool_use_prompt_tokens_details tool_use_tokens_by_modality",
    "output": "completion_tokens_details output_tokens_details output_token_details completion_token_details "
    "completion_details output_details candidates_tokens_details response_tokens_details output_tokens "
    "completion_tokens output_tokens_by_modality",
    "cached": "cached_tokens_details cache_tokens_details cached_token_details cached_tokens_by_modality",
    "written": "cache_creation cache_creation_token_details cache_details cache_creation_tokens_details",
    "tools": "server_tool_use server_side_tool_usage_details server_side_tool_usage tool_calls_details search_web",
    "billed": "billed_units",
    "tokens": "tokens",
    "cost": "cost_details cost costs cost_breakdown cost_usd",
    "about": "context_details executed_tools search_context usage_breakdown",
    "": "usage usage_metadata usage_details token_usage details original_usage openai additional_counts",
}
"""Places by the names of the objects and lists that lead there; '' is the usage object itself."""


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return {name: place for place, names in PLACES.items() for name in names.split()}


@lru_cache(maxsize=1)
def _joined_places() -> dict[str, str]:
    return {joined_name(name): place for name, place in _places().items()}


@lru_cache(maxsize=4096)
def place_of(name: str, inside: str) -> str | None:
    """Where the object or list of this name leads from a place; None where nobody knows it."""
    plain = plain_name(name)
    place = _places().get(plain) or _joined_places().get(joined_name(plain))
    if place == "" and inside != "":
        return None
    return place
