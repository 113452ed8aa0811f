"""Usage of Anthropic Messages: input excludes every cached token; a call may consist of several iterations.

Put here: the Messages usage object wherever it appears (Anthropic, Bedrock, Vertex, Azure), and which iterations are
billed. Keep out: rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import counts_from

MESSAGES = Family("anthropic", cache_is_beside=True, is_certain=True)


def message_counts(usage: dict[str, Any], root: str = "usage", model: str | None = None) -> Counts:
    """Disjoint counts of one usage object or of one of its iterations (which have the same fields).

    Anthropic prints no total. One that is the sum of input and output shows an API of another maker behind this shape,
    whose input holds the cache; for a model of Anthropic's somebody else printed it, and it shows nothing.
    """
    reading, family = read_usage(usage, root), _messages(root)
    whole, total = reading.get("input") or 0, reading.take("total")
    cached = sum(reading.get(name) or 0 for name in ("cache_read", "cache_write"))
    if "claude" in (model or "").lower():
        total = None
    if total is not None and 0 < cached <= whole and total == whole + (reading.get("output") or 0):
        family = family.with_(cache_is_beside=False)
    return counts_from(reading, family)


@lru_cache(maxsize=1024)
def _messages(root: str) -> Family:
    return MESSAGES.with_(input_field=f"{root}.cache_creation_input_tokens", output_field=f"{root}.output_tokens")


def iterations(usage: dict[str, Any]) -> list[dict[str, Any]]:
    """The iterations that make up a call. When there are any, the top level of `usage` is not their sum."""
    found = usage.get("iterations")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def is_waived(parts: list[dict[str, Any]], index: int) -> bool:
    """Whether an iteration is a declined attempt without output, which a fallback answered: Anthropic waives it."""
    later = any(part.get("type") == "fallback_message" for part in parts[index + 1 :])
    is_attempt = parts[index].get("type") in (None, "message", "fallback_message")
    return later and is_attempt and parts[index].get("output_tokens") in (0, "0", None)


def is_refused(body: dict[str, Any], usage: dict[str, Any]) -> bool:
    """Whether a call was refused before it wrote anything: its usage is shown and not billed."""
    return (
        body.get("stop_reason") == "refusal"
        and not body.get("content")
        and usage.get("output_tokens") in (0, 1, "0", "1")
    )
