"""What a call cost, as its answer or the envelope around it says.

Put here: which figure counts and what it is. Keep out: reading amounts (`usage_shapes.values`), counters.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE, body_cost_kind
from ingestion.sources.events.usage_shapes.sdk_metadata import charged
from ingestion.sources.events.usage_shapes.values import decimal, dig, recorded_cost

_TICKS = ("cost_in_usd_ticks", "costInUsdTicks", "cost_usd_ticks", "costUsdTicks")
_ESTIMATES = ("estimated_cost", "cost_usd", "costUsd", "total_cost_usd", "total_cost", "response_cost")


def call_cost(
    outer: dict[str, Any], usage: dict[str, Any], provider: str | None, metadata: dict[str, Any]
) -> dict[str, Any]:
    """What the call cost: as the provider charges it (OpenRouter, xAI, Perplexity), else as the envelope records it.

    `metadata` is what the Vercel AI SDK keeps of the provider's answer.
    """
    found = _body_cost(usage, provider)
    if not found and metadata:
        taken, kind = charged(metadata)
        found = recorded_cost(taken, "providerMetadata", kind)
    if found.get("recorded_cost_kind") == CHARGE:
        return found
    for name in ("recorded_cost_usd", "cost_usd", "total_cost_usd", "response_cost"):
        if outer.get(name) is not None:
            return recorded_cost(outer[name], name)
    return found


def _body_cost(usage: dict[str, Any], provider: str | None) -> dict[str, Any]:
    charged = usage.get("cost")
    if str(usage.get("currency") or "USD").upper() != "USD":
        return {}
    if isinstance(charged, dict):
        return recorded_cost(charged.get("total_cost"), "usage.cost.total_cost", body_cost_kind(provider))
    if charged is not None:
        return _printed_charge(charged, usage, provider)
    name = next((name for name in _TICKS if usage.get(name) is not None), _TICKS[0])
    ticks = decimal(usage.get(name), f"usage.{name}")
    if ticks is None and usage.get("currency") == "USD":  # Dify
        return recorded_cost(usage.get("total_price"), "usage.total_price")
    if ticks is None:
        name = next((name for name in _ESTIMATES if usage.get(name) is not None), _ESTIMATES[0])
        return recorded_cost(usage.get(name), f"usage.{name}")
    return recorded_cost(format(ticks * Decimal("1e-10"), "f"), "usage.cost_in_usd_ticks", CHARGE)


def _printed_charge(charged: Any, usage: dict[str, Any], provider: str | None) -> dict[str, Any]:
    """`usage.cost`. With your own key it is OpenRouter's fee, and the upstream provider charges the rest."""
    upstream = decimal(dig(usage, "cost_details", "upstream_inference_cost"), "usage.cost_details")
    if usage.get("is_byok") in (True, "true") and upstream:
        whole = (decimal(charged, "usage.cost") or Decimal(0)) + upstream
        return recorded_cost(format(whole, "f"), "usage.cost", body_cost_kind(provider, has_own_key=True))
    return recorded_cost(charged, "usage.cost", body_cost_kind(provider))
