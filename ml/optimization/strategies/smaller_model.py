"""Short requests of one purpose on a model one class smaller, of the same provider.

Put here: which requests, which classes. Keep out: price arithmetic (`price_cards`).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.evidence import quoted
from ml.optimization.model_advice import Situation, advise
from ml.optimization.model_classes import classify_model, model_family, model_generation, model_place
from ml.optimization.price_cards import PriceCard
from ml.optimization.request_advice import request_strategy
from ml.optimization.requests import (
    SHORT_INPUT_TOKENS,
    SHORT_OUTPUT_TOKENS,
    RequestClass,
)

ONE_CLASS_DOWN = {
    "frontier": "general",
    "reasoning": "general",
    "general": "small",
    "large_open": "small",
    "small": "nano",
}
"""The next smaller capability class (`model_classes`)."""


def _find(classes: list[RequestClass], seen: Situation) -> list[Advice]:
    """At most one per scope × provider × model × purpose."""
    by_purpose: dict[tuple[str, str | None], list[RequestClass]] = defaultdict(list)
    for each in classes:
        if each.size in ("tiny", "short"):
            by_purpose[each.workload.slice_id, each.feature].append(each)
    return [found for key in sorted(by_purpose, key=str) if (found := _judge(by_purpose[key], seen)) is not None]


def smaller_cards(seen: Situation, model_id: str, provider_id: str, largest: int) -> list[PriceCard]:
    """Cards one class below a model, same provider and place, no older generation, that hold the largest request."""
    wanted = ONE_CLASS_DOWN.get(classify_model(model_id) or "")
    ours = model_generation(model_id)
    return [
        card
        for card in seen.cards.values()
        if card.provider_id == provider_id
        and not card.is_deprecated
        and wanted is not None
        and (card.capability_class or classify_model(card.model_id)) == wanted
        and model_place(card.model_id) == model_place(model_id)
        and (card.context_window_tokens or 0) >= largest
        and (
            model_family(card.model_id) != model_family(model_id)
            or (model_generation(card.model_id) or (0, 0)) >= (ours or (0, 0))
        )
    ]


def _judge(classes: list[RequestClass], seen: Situation) -> Advice | None:
    workload = classes[0].workload
    cost = sum((each.cost_ahead_usd for each in classes), Decimal(0))
    largest = max(each.max_input_tokens for each in classes)
    options = []
    for card in smaller_cards(seen, workload.model_id, workload.provider_id, largest):
        projected = [each.cost_ahead_at(card) for each in classes]
        if all(amount is not None for amount in projected):
            options.append((sum(amount for amount in projected if amount is not None), card.model_id))
    if not options or cost <= 0:
        return None
    projected_cost, model_id = min(options)
    purpose = classes[0].feature
    found = advise(
        workload,
        seen.period,
        lever="model",
        title=f"{workload.scope_id}: {model_id} for short requests{f' of {purpose}' if purpose else ''}",
        description=f"Requests of at most {SHORT_INPUT_TOKENS:,} tokens in and {SHORT_OUTPUT_TOKENS} out rarely need "
        f"{workload.model_id}.",
        actions=(
            f"Compare {model_id} with {workload.model_id} on a sample of these requests (A/B test)",
            f"Route requests of this purpose and size to {model_id}",
        ),
        cost=cost,
        saving=cost - projected_cost,
        effort="medium",
        risk="high",
        evidence={
            "purpose": purpose,
            "requests_in_30_days": str(round(sum(each.requests_ahead for each in classes))),
            "assumption": "the same tokens, and answers that are good enough: to be tested",
        },
        identity=(str(purpose),),
        where=f"input_tokens <= {SHORT_INPUT_TOKENS} and output_tokens <= {SHORT_OUTPUT_TOKENS} and feature "
        + ("is null" if purpose is None else f"= {quoted(purpose)}"),
        suggested_model_id=model_id,
        assumed_share=seen.params.token_shift_by_risk["high"],
    )
    return found if found.is_worth_it(seen.params) else None


STRATEGY = request_strategy("smaller_model_for_short_requests", "1", _find)
