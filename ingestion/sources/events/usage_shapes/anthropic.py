"""Usage of Anthropic Messages: input excludes every cached token; a call may consist of several iterations.

Put here: the Messages usage object wherever it appears (Anthropic, Bedrock, Vertex, Azure). Keep out: rows.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.values import count_at, first_count


def message_counts(usage: dict[str, Any], root: str = "usage") -> Counts:
    """Disjoint counts of one usage object or of one of its iterations (which have the same fields)."""
    plain = count_at(usage, "input_tokens", root=root)
    read = count_at(usage, "cache_read_input_tokens", root=root)
    five = count_at(usage, "cache_creation", "ephemeral_5m_input_tokens", root=root)
    hour = count_at(usage, "cache_creation", "ephemeral_1h_input_tokens", root=root)
    write = count_at(usage, "cache_creation_input_tokens", root=root)
    if write is None and (five is not None or hour is not None):
        write = (five or 0) + (hour or 0)
    given = Input(
        field=f"{root}.cache_creation_input_tokens",
        total=None if plain is None else plain + (read or 0) + (write or 0),
        cache_read=read,
        cache_write=write,
        cache_write_5m=five,
        cache_write_1h=hour,
    )
    output = disjoint_output(
        f"{root}.output_tokens",
        count_at(usage, "output_tokens", root=root),
        reasoning=first_count(usage, "output_tokens_details.thinking_tokens", root=root),
    )
    tools = {
        "web_searches": count_at(usage, "server_tool_use", "web_search_requests", root=root),
    }
    return drop_unknown(disjoint_input(given) | output | tools)


def iterations(usage: dict[str, Any]) -> list[dict[str, Any]]:
    """The iterations that make up a call. When there are any, the top level of `usage` is not their sum."""
    found = usage.get("iterations")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
