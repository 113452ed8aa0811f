"""Service tiers that a usage object tells by the names of its counters, as LangChain prints them.

Put here: telling such tiers. Keep out: fields that name a tier, what tiers cost.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import as_object

_TIERS = ("flex", "priority")
_DETAILS = ("input_token_details", "output_token_details")


def tier_in_details(usage: dict[str, Any]) -> str | None:
    """`flex` where details count `flex` or `flex_cache_read`, and so on; None where they tell of none."""
    names = [str(name) for key in _DETAILS for name in as_object(usage.get(key))]
    return next((tier for tier in _TIERS if any(n == tier or n.startswith(f"{tier}_") for n in names)), None)
