"""Which variant of a model's prices a request takes, from its batch flag, service tier and speed.

Put here: the words for tiers and the rule that an unknown one is never priced as something else. Keep out: names
of providers and models.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from genai_prices.types import ModelInfo

from ingestion.sources.prices.batch_factors import batch_factor

STANDARD_TIERS = frozenset(("", "auto", "default", "on_demand", "ondemand", "standard", "standard_only", "unspecified"))
"""Words for the ordinary rate. `auto` is what was asked for; where nobody reports what was served, it is taken so."""

OTHER_TIERS = frozenset(
    "balanced batch fast flex performance priority provisioned provisioned_throughput ptu reserved scale "
    "ultrafast".split()
)
"""Tiers that exist at some provider at another rate than the ordinary one."""

TIER_SYNONYMS = {"on_demand_priority": "priority", "on_demand_flex": "flex", "batches": "batch"}
STANDARD_SPEEDS = frozenset(("", "default", "normal", "standard"))


@dataclass(frozen=True)
class Choice:
    """The price context of a request, or why the list has none for it."""

    context: dict[str, str] = field(default_factory=dict)
    unresolved_reason: str | None = None


def choose_context(
    model: ModelInfo, is_batch: bool, service_tier: str, speed: str, is_fallback: bool, provider_id: str = ""
) -> Choice:
    """The context to price in, or the reason `no_price_for_variant`, `unknown_service_tier` or `unknown_speed`.

    Variants belong to the provider that lists them (`is_fallback`: the model's prices are another provider's).
    """
    tier, speed = _normalised_tier(service_tier), speed.strip().lower()
    listed = set() if is_fallback else _listed(model)
    context: dict[str, str] = {}
    if is_batch or tier == "batch":
        has_factor = not is_fallback and batch_factor(provider_id, model.id) is not None
        if ("processing", "batch") not in listed and not has_factor:
            return Choice(unresolved_reason="no_price_for_variant")
        context["processing"] = "batch"
    for key, value, is_ordinary, is_known, unknown_reason in (
        ("service_tier", tier, tier in STANDARD_TIERS | {"batch"}, tier in OTHER_TIERS, "unknown_service_tier"),
        ("speed", speed, speed in STANDARD_SPEEDS, speed == "fast", "unknown_speed"),
    ):
        if is_ordinary:
            continue
        if (key, value) not in listed:
            return Choice(unresolved_reason="no_price_for_variant" if is_known else unknown_reason)
        context[key] = value
    return Choice(context)


def _normalised_tier(service_tier: str) -> str:
    tier = service_tier.strip().lower().replace("-", "_").removeprefix("service_tier_")
    return TIER_SYNONYMS.get(tier, tier)


def _listed(model: ModelInfo) -> set[tuple[str, str]]:
    return {pair for variant in model.price_variants or () for pair in variant.when.items()}
