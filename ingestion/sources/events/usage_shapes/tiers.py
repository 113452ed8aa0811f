"""The terms of a call that its usage object tells beside counters: tier, speed, the place where it ran.

Put here: reading such terms in either spelling. Keep out: fields around the usage that name a tier, what terms cost.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import as_object, text

_TIERS = ("flex", "priority")
_DETAILS = ("input_token_details", "output_token_details")
_TERMS = {
    "region": ("inference_geo", "inferenceGeo"),
    "speed": ("speed",),
    "served_service_tier": ("service_tier", "serviceTier"),
}
_NAMES = frozenset(name for names in _TERMS.values() for name in names)
_UNKNOWN = ("not_available",)


def tier_in_details(usage: dict[str, Any]) -> str | None:
    """`flex` where details count `flex` or `flex_cache_read`, and so on; None where they tell of none."""
    names = [str(name) for key in _DETAILS for name in as_object(usage.get(key))]
    return next((tier for tier in _TIERS if any(n == tier or n.startswith(f"{tier}_") for n in names)), None)


def terms_in(*holders: Any) -> dict[str, str]:
    """`region`, `speed` and `served_service_tier`, each as the first of the objects says that tells it."""
    found: dict[str, str] = {}
    for holder in holders:
        if not isinstance(holder, dict) or _NAMES.isdisjoint(holder):
            continue
        for column, names in _TERMS.items():
            value = next((holder[name] for name in names if isinstance(holder.get(name), str)), None)
            told = text(value)
            if told and told not in _UNKNOWN:
                found.setdefault(column, told)
    return found
