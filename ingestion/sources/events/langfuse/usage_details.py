"""Langfuse's `usageDetails`: keys that callers choose, made disjoint.

Put here: what is special about these keys. Keep out: their names and relations (`usage_shapes`), rows.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family, is_of_google
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import CostFits, counts_from
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import decimal

_MILLISECONDS = {"SECONDS": 1000, "MILLISECONDS": 1}


def counted_in_unit(usage: dict[str, Any]) -> Counts | None:
    """Counts of v1's `usage` whose `unit` is no token and has a meter; None for tokens and other units.

    Characters that a model wrote have no meter and are named. Raises `BadValue`.
    """
    unit = str(usage.get("unit") or "").upper()
    read, wrote = (decimal(usage.get(name), f"usage.{name}") or 0 for name in ("input", "output"))
    whole = read + wrote or decimal(usage.get("total"), "usage.total") or 0
    if unit not in (*_MILLISECONDS, "IMAGES", "CHARACTERS") or not 0 < whole < 10**15:
        return None
    if unit in _MILLISECONDS:
        return {"audio_milliseconds": int(whole * _MILLISECONDS[unit])}
    if unit == "IMAGES":
        return {"images": int(wrote or whole)}
    named = [Unresolved("usage.output", int(wrote), "unknown_counter")] if wrote else []
    return with_unresolved({"input_characters": int(whole - wrote)}, named)


DETAILS = Family(
    "langfuse",
    input_field="usageDetails.input",
    output_field="usageDetails.output",
    cache_is_beside=True,
    reasoning_is_beside=True,
    parts_join=True,
)


def detail_counts(
    details: dict[str, Any],
    model: str | None = None,
    *,
    is_embedding: bool = False,
    cost_fits: CostFits | None = None,
) -> Counts:
    """Disjoint counts, with the keys that nobody knows named among them.

    Whether `input` includes the other input keys (and `output` the other output keys) is decided by the printed total,
    without one by the recorded cost; without that they lie beside each other, as Langfuse's own integrations write
    them and as it prices them. A total above its parts is thinking where the model is one of Google's, else a
    contradiction.
    """
    family = DETAILS.with_(total_holds_thinking=is_of_google(model), is_embedding=is_embedding)
    return counts_from(read_usage(details, "usageDetails"), family, cost_fits)
