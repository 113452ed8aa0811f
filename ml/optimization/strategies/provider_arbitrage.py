"""The very same model at another provider in use, where it costs less.

Put here: which names are one model. Keep out: other models (`cheaper_model`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.model_advice import Situation, advise, situation
from ml.optimization.model_classes import bare_name, model_place
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.strategies.cheaper_model import context_fits
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE, Workload

if TYPE_CHECKING:
    import pandas as pd

NAME = "provider_arbitrage"
VERSION = "1"
_RELEASE = re.compile(r"(-\d{8}|-\d{4}-\d{2}-\d{2})?(-v\d+(:\d+)?)?$")


def same_model(model_id: str) -> str:
    """What a model is called by all that sell it: without place, vendor, date and revision."""
    return _RELEASE.sub("", bare_name(model_id))


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model."""
    seen = situation(inputs, as_of, params)
    advice = [found for each in seen.workloads if (found := _judge(each, seen)) is not None]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(workload: Workload, seen: Situation) -> Advice | None:
    options = []
    for card in seen.cards.values():
        if (
            card.provider_id != workload.provider_id
            and not card.is_deprecated
            and same_model(card.model_id) == same_model(workload.model_id)
            and model_place(card.model_id) == model_place(workload.model_id)
            and context_fits(workload, card, seen.card_of(workload))
            and (projected := workload.cost_ahead_at(card)) is not None
        ):
            options.append((projected, card.provider_id, card.model_id))
    if not options:
        return None
    projected, provider_id, model_id = min(options)
    cost = workload.cost_ahead_usd
    found = advise(
        workload,
        seen.period,
        lever="model",
        title=f"{workload.scope_id}: {same_model(model_id)} from {provider_id} instead of {workload.provider_id}",
        description=f"The same model costs less at {provider_id}, which is in use already.",
        actions=(
            f"Check quota, region and data terms at {provider_id}",
            f"Point the application to {model_id} at {provider_id}",
        ),
        cost=cost,
        saving=cost - projected,
        effort="medium",
        risk="low",
        evidence={"provider_id": provider_id, "model_id": model_id, "projected_usd": str(projected)},
        suggested_model_id=model_id,
    )
    return found if found.is_worth_it(seen.params) else None


STRATEGY = Strategy(NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW}, recommend)
