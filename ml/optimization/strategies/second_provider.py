"""All spend with one provider: what the same tokens would cost at others, and a way out when it is down.

Put here: when that is so, and the comparison. Keep out: the same model elsewhere (`provider_arbitrage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, Slice, frame_of
from ml.optimization.evidence import quoted
from ml.optimization.model_advice import situation
from ml.optimization.model_classes import classify_model
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW, price_cards
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd

NAME = "second_provider"
VERSION = "1"
ONE_PROVIDER_SHARE = Decimal("0.95")
OTHERS = PRICES_FROM_NOW.replace(
    "prices.provider_id in (select distinct provider_id from intermediate.int_model_mix_daily)",
    "prices.provider_id in ('anthropic', 'google', 'groq', 'mistral', 'openai')\n"
    "    and prices.price_variant in ('standard', 'processing=batch')",
)
"""Prices of makers and hosts that sell to anybody."""


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one, for the whole company."""
    seen = situation(inputs, as_of, params)
    by_provider: dict[str, Decimal] = {}
    for each in seen.workloads:
        by_provider[each.provider_id] = by_provider.get(each.provider_id, Decimal(0)) + each.cost_ahead_usd
    total = sum(by_provider.values(), Decimal(0))
    main = max(by_provider, key=lambda name: (by_provider[name], name), default=None)
    if main is None or by_provider[main] < ONE_PROVIDER_SHARE * total:
        return frame_of((), NAME, VERSION, scored_at_utc, params)
    others = [card for card in price_cards(inputs["others"]) if card.provider_id != main and not card.is_deprecated]
    slices, moves = [], []
    for workload in seen.workloads:
        wanted = classify_model(workload.model_id)
        options = [
            (projected, card.provider_id, card.model_id)
            for card in others
            if wanted is not None
            and classify_model(card.model_id) == wanted
            and (card.context_window_tokens or 0) >= (workload.max_input_tokens or 10**9)
            and (projected := workload.cost_ahead_at(card)) is not None
        ]
        if options and min(options)[0] < workload.cost_ahead_usd:
            projected, provider_id, model_id = min(options)
            slices.append(Slice(workload.slice_id, workload.cost_ahead_usd, workload.cost_ahead_usd - projected))
            moves.append({"scope": workload.scope_id, "from": workload.model_id, "to": f"{provider_id}/{model_id}"})
    saving = sum((each.saving_usd for each in slices), Decimal(0))
    advice = Advice(
        identity=(main,),
        lever="model",
        saving_kind="price",
        title=f"A second provider beside {main}",
        description=f"{by_provider[main] / total:.0%} of the spend is with {main}. Models of the same classes "
        "elsewhere would cost less, and answer when it is down.",
        actions=("Take a second provider under contract", "Move one workload that tests show to be as good there"),
        scope_type="company",
        scope_id="all",
        slices=tuple(slices),
        half_width_usd=saving,
        effort="high",
        risk="medium",
        evidence={"share": f"{by_provider[main] / total:.4f}", "moves": moves, "assumption": "the same tokens"},
        evidence_query="select provider_id, sum(contracted_cost_usd) as cost_usd from fct_llm_usage_hourly where "
        f"is_billable and usage_date between date '{seen.period[0]}' and date '{seen.period[1]}' "
        f"group by provider_id order by provider_id = {quoted(main)} desc, cost_usd desc nulls last",
        period=seen.period,
        provider_id=main,
        bounds_usd=(Decimal(0), saving),
    )
    return frame_of([advice] if advice.is_worth_it(params) else [], NAME, VERSION, scored_at_utc, params)


STRATEGY = Strategy(NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "others": OTHERS}, recommend)
