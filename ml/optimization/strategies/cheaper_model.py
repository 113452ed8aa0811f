"""The same tokens on a cheaper model of the same provider and class.

Put here: candidates and their saving. Keep out: price arithmetic (`price_cards`), what comes again (`recurring`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, Slice, frame_of
from ml.optimization.evidence import usage_query
from ml.optimization.model_advice import situation
from ml.optimization.model_classes import classify_model, model_family, model_generation, model_place
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW, PriceCard
from ml.optimization.recurring import Recurring
from ml.optimization.scoring import score_saving
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE, Workload

if TYPE_CHECKING:
    import pandas as pd

NAME = "cheaper_model_same_token_mix"
VERSION = "2"


@dataclass(frozen=True)
class _Swap:
    card: PriceCard
    cost: Decimal
    projected: Decimal
    effort: str
    risk: str

    @property
    def saving(self) -> Decimal:
        return self.cost - self.projected


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """Recommendations from the two inputs below."""
    return recommend_cheaper_models(
        inputs["usage"], inputs["prices"], as_of=as_of, scored_at_utc=scored_at_utc, params=params
    )


def recommend_cheaper_models(
    usage: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    as_of: date,
    scored_at_utc: datetime,
    params: OptimizationParams | None = None,
) -> pd.DataFrame:
    """At most one recommendation per scope × provider × model: the cheaper model with the best score.

    `usage`: see `workloads`. `prices`: price cards from now on, see `price_cards`; a `capability_class` there overrides
    `classify_model`. Only the `window_days` full days before `as_of` count, and of them what comes again.
    Returns the columns of `recommendations`, best score first; `saving_pct` and `score` are floats, money is decimal.
    """
    params = params or OptimizationParams()
    seen = situation({"usage": usage, "prices": prices}, as_of, params)
    cards = list(seen.cards.values())
    advice = []
    for workload in seen.workloads:
        options = [swap for card in cards if (swap := _judge(workload, card, cards, params)) is not None]
        if options:
            best = max(options, key=lambda o: (score_saving(o.saving, o.risk, o.effort, params), o.card.model_id))
            advice.append(_advice(workload, best, options, seen.period, params))
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(workload: Workload, card: PriceCard, cards: Sequence[PriceCard], params: OptimizationParams) -> _Swap | None:
    """The swap of `workload` to `card` with its figures, None when it is not allowed or saves too little."""
    if card.provider_id != workload.provider_id or card.model_id == workload.model_id or card.is_deprecated:
        return None
    current = next((c for c in cards if (c.provider_id, c.model_id) == (card.provider_id, workload.model_id)), None)
    wanted = (current.capability_class if current else None) or classify_model(workload.model_id)
    offered = card.capability_class or classify_model(card.model_id)
    is_same_place = model_place(card.model_id) == model_place(workload.model_id)
    if wanted is None or wanted != offered or not is_same_place or not context_fits(workload, card, current):
        return None
    projected, cost = workload.cost_ahead_at(card), workload.cost_ahead_usd
    if projected is None or cost <= 0:
        return None
    saving = cost - projected
    if saving < params.min_saving_usd or saving * 100 < params.min_saving_pct * cost:
        return None
    return _Swap(card, cost, projected, *effort_and_risk(workload.model_id, card.model_id))


def context_fits(workload: Workload, card: PriceCard, current: PriceCard | None) -> bool:
    """The candidate must hold the largest request seen or, when that is unknown, at least the current window."""
    if workload.max_input_tokens is not None:
        return card.context_window_tokens is not None and card.context_window_tokens >= workload.max_input_tokens
    window = current.context_window_tokens if current else None
    return window is not None and card.context_window_tokens is not None and card.context_window_tokens >= window


def effort_and_risk(current_model_id: str, suggested_model_id: str) -> tuple[str, str]:
    """Effort low within a family (a changed name), else medium (prompts to adapt).

    Risk high for an older generation of the family, medium for another family, low for the same or a newer generation.
    """
    if model_family(current_model_id) != model_family(suggested_model_id):
        return "medium", "medium"
    ours, theirs = model_generation(current_model_id), model_generation(suggested_model_id)
    is_older = ours is None or theirs is None or theirs < ours
    return "low", "high" if is_older else "low"


def _advice(
    workload: Workload, best: _Swap, options: list[_Swap], period: tuple[date, date], params: OptimizationParams
) -> Advice:
    outlook = workload.outlook
    assert isinstance(outlook, Recurring)  # what does not recur has no swap
    tokens = params.token_shift_by_risk[best.risk] * best.projected
    evidence = {
        "days_with_usage": workload.days_used,
        "max_input_tokens": workload.max_input_tokens,
        "one_off_days_left_out": [str(day) for day in outlook.one_off_days],
        "paid_in_the_window_usd": str(workload.paid_usd),
        "meters": [
            {
                "meter": meter,
                "price_variant": variant,
                "quantity": quantity,
                "suggested_price_usd_per_unit": str(best.card.price(meter, variant, workload.max_input_tokens)),
            }
            for (meter, variant), quantity in sorted(workload.mix.items())
        ],
        "alternatives": [
            {"model_id": o.card.model_id, "saving_usd": str(o.saving)}
            for o in sorted(options, key=lambda o: o.card.model_id)
            if o is not best
        ],
        "assumption": "same token counts on the suggested model; quality is to be tested",
    }
    return Advice(
        identity=(workload.provider_id, workload.model_id),
        lever="model",
        saving_kind="price",
        title=f"{workload.scope_id}: {best.card.model_id} instead of {workload.model_id}",
        description=f"The same tokens cost less on {best.card.model_id}, of the same class, at the prices in force "
        "from now on.",
        actions=(
            f"Try {best.card.model_id} on a sample of the requests and compare the answers (A/B test)",
            f"Change the model from {workload.model_id} to {best.card.model_id}",
            "Say so with: costops recommend implement <id>, so that the saving is verified",
        ),
        scope_type=workload.scope_type,
        scope_id=workload.scope_id,
        slices=(Slice(workload.slice_id, best.cost, best.saving),),
        half_width_usd=best.saving * outlook.relative_half_width + tokens,
        effort=best.effort,
        risk=best.risk,
        evidence=evidence,
        evidence_query=usage_query(
            scope_type=workload.scope_type,
            scope_id=workload.scope_id,
            provider_id=workload.provider_id,
            model_id=workload.model_id,
            start=period[0],
            end=period[1],
        ),
        period=period,
        provider_id=workload.provider_id,
        current_model_id=workload.model_id,
        suggested_model_id=best.card.model_id,
    )


STRATEGY = Strategy(NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW}, recommend)
