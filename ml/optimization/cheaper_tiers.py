"""Requests that nobody waits for, at the price of a slower tier.

Put here: what the strategies for batch and flex share. Keep out: their names and words (`strategies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.model_advice import Situation, advise
from ml.optimization.request_advice import request_strategy
from ml.optimization.requests import (
    NOBODY_WAITS_SQL,
    RequestClass,
    by_workload,
    with_variant,
)
from ml.optimization.strategy import Strategy


@dataclass(frozen=True)
class Tier:
    """A slower tier: how price variants name it, what it takes."""

    key: str
    value: str
    words: str
    delay: str
    effort: str
    action: str


def tier_strategy(name: str, version: str, tier: Tier) -> Strategy:
    """A strategy with at most one recommendation per scope × provider × model."""
    return request_strategy(name, version, lambda classes, seen: slower_tier(classes, tier, seen))


def slower_tier(classes: Sequence[RequestClass], tier: Tier, seen: Situation) -> list[Advice]:
    """At most one per scope × provider × model whose card has the tier: what nobody waits for, moved there."""
    patient = [each for each in classes if each.nobody_waits and not _is_slow(each)]
    found = []
    for alike in by_workload(patient):
        workload = alike[0].workload
        card = seen.card_of(workload)
        if card is None:
            continue
        moved = [
            (each.cost_ahead_usd, at)
            for each in alike
            if (at := each.cost_ahead_at(card, _variant(each.price_variant, tier))) is not None
            and 0 < at < each.cost_ahead_usd
        ]
        cost = sum((before for before, _ in moved), Decimal(0))
        saving = cost - sum((after for _, after in moved), Decimal(0))
        advice = advise(
            workload,
            seen.period,
            lever="tier",
            title=f"{workload.scope_id}: {tier.words} for {workload.model_id} where nobody waits",
            description=f"No user, customer or session is behind these requests. {tier.words.capitalize()} costs less "
            f"and answers {tier.delay}.",
            actions=("Ask the owner which of these jobs can wait", tier.action),
            cost=cost,
            saving=saving,
            effort=tier.effort,
            risk="medium",
            evidence={
                "usd_in_30_days": str(cost),
                "assumption": "requests without user, customer and session can wait; the owner knows",
            },
            where=f"{NOBODY_WAITS_SQL} and price_variant not like '%processing=batch%'"
            " and price_variant not like '%service_tier=flex%'",
            bounds=(Decimal(0), saving),
        )
        if advice.is_worth_it(seen.params):
            found.append(advice)
    return found


def _is_slow(each: RequestClass) -> bool:
    return "processing=batch" in each.price_variant or "service_tier=flex" in each.price_variant


def _variant(variant: str, tier: Tier) -> str:
    """The same variant in the tier: a service tier of before is replaced, and none goes with a batch."""
    if tier.key == "processing" and variant != "standard":
        parts = [part for part in variant.split(";") if not part.startswith("service_tier=")]
        variant = ";".join(parts) or "standard"
    return with_variant(variant, tier.key, tier.value)
