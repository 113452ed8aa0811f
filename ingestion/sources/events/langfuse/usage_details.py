"""Langfuse's `usageDetails`: keys that callers choose, made disjoint.

Put here: what is special about these keys. Keep out: their names and relations (`usage_shapes`), rows.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import CostFits, counts_from

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
    is_google = any(name in (model or "").lower() for name in ("gemini", "gemma", "palm"))
    family = DETAILS.with_(total_holds_thinking=is_google, is_embedding=is_embedding)
    return counts_from(read_usage(details, "usageDetails"), family, cost_fits)
