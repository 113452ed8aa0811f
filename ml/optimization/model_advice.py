"""What strategies on workloads share: reading their inputs, wording, the row of one workload's advice.

Put here: that. Keep out: what to recommend (`strategies`).
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.optimization.advice import Advice, Slice
from ml.optimization.evidence import requests_query, usage_query
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PriceCard, price_cards
from ml.optimization.recurring import Recurring
from ml.optimization.workloads import Workload, workloads

if TYPE_CHECKING:
    import pandas as pd

TELL = "Say so with: costops recommend implement <id>, so that the saving is verified"


@dataclass(frozen=True)
class Situation:
    """The days looked at, what comes again in them, and prices from now on."""

    period: tuple[date, date]
    cards: Mapping[tuple[str, str], PriceCard]
    workloads: Sequence[Workload]
    params: OptimizationParams

    def card_of(self, workload: Workload) -> PriceCard | None:
        """Its own card."""
        return self.cards.get((workload.provider_id, workload.model_id))


_newest: list[tuple[weakref.ref[pd.DataFrame], weakref.ref[pd.DataFrame], date, OptimizationParams, Situation]] = []
"""The newest situation, with the frames it is from: strategies are asked one after the other on the same ones."""


def situation(inputs: Mapping[str, pd.DataFrame], as_of: date, params: OptimizationParams) -> Situation:
    """From `usage` and `prices`: workloads that come again. Neither the frames nor the result may be changed."""
    usage, prices = inputs["usage"], inputs["prices"]
    for usage_then, prices_then, day, params_then, known in _newest:
        if usage_then() is usage and prices_then() is prices and (day, params_then) == (as_of, params):
            return known
    found = _situation(inputs, as_of, params)
    _newest[:] = [(weakref.ref(usage), weakref.ref(prices), as_of, params, found)]
    return found


def _situation(inputs: Mapping[str, pd.DataFrame], as_of: date, params: OptimizationParams) -> Situation:
    start, end = as_of - timedelta(days=params.window_days), as_of - timedelta(days=1)
    cards = price_cards(inputs["prices"]) if not inputs["prices"].empty else []
    live = [each for each in workloads(inputs["usage"], cards, start, end, params) if each.is_live]
    known = {(card.provider_id, card.model_id): card for card in cards}
    return Situation((start, end), known, live, params)


def advise(
    workload: Workload,
    period: tuple[date, date],
    *,
    lever: str,
    title: str,
    description: str,
    actions: Sequence[str],
    cost: Decimal,
    saving: Decimal,
    effort: str,
    risk: str,
    evidence: Mapping[str, Any],
    identity: tuple[str, ...] = (),
    saving_kind: str = "price",
    where: str | None = None,
    suggested_model_id: str | None = None,
    assumed_share: Decimal = Decimal(0),
    bounds: tuple[Decimal, Decimal] | None = None,
) -> Advice:
    """Advice on one workload, or on the part of it that costs `cost`.

    `where` narrows the evidence to single requests; `assumed_share` widens the interval by that part of the saving.
    """
    named = {
        "scope_type": workload.scope_type,
        "scope_id": workload.scope_id,
        "provider_id": workload.provider_id,
        "model_id": workload.model_id,
    }
    query = (
        usage_query(**named, start=period[0], end=period[1])
        if where is None
        else requests_query(**named, start=period[0], end=period[1], where=where)
    )
    width = workload.outlook.relative_half_width if isinstance(workload.outlook, Recurring) else Decimal(1)
    return Advice(
        identity=(workload.provider_id, workload.model_id, *identity),
        lever=lever,
        saving_kind=saving_kind,
        title=title,
        description=description,
        actions=(*actions, TELL),
        scope_type=workload.scope_type,
        scope_id=workload.scope_id,
        slices=(Slice(workload.slice_id, cost, saving),),
        half_width_usd=saving * (width + assumed_share),
        effort=effort,
        risk=risk,
        evidence=evidence,
        evidence_query=query,
        period=period,
        provider_id=workload.provider_id,
        current_model_id=workload.model_id,
        suggested_model_id=suggested_model_id,
        bounds_usd=bounds,
    )
