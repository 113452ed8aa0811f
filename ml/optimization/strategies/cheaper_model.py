"""The same tokens on a cheaper model of the same provider and class.

Put here: candidates, saving, the output frame. Keep out: price arithmetic (`price_cards`), the score (`scoring`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from ml.contracts import columns_of
from ml.identity import stable_id
from ml.money import to_decimal
from ml.optimization.evidence import usage_query
from ml.optimization.model_classes import classify_model, model_family, model_generation, model_place
from ml.optimization.params import OptimizationParams
from ml.optimization.scoring import score_saving
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

    from ml.optimization.price_cards import PriceCard
    from ml.optimization.workloads import Workload

NAME = "cheaper_model_same_token_mix"
VERSION = "1"

PRICES_OF_A_DAY = """
select
    prices.provider_id,
    prices.model_id,
    prices.meter,
    prices.price_variant,
    prices.context_over_tokens,
    prices.list_price_usd_per_unit as price_usd_per_unit,
    models.context_window,
    models.is_deprecated
from marts.dim_prices_current as prices
left join marts.dim_models as models
    on models.provider_id = prices.provider_id and models.model_id = prices.model_id
where prices.valid_from_utc <= $as_of and prices.valid_to_utc > $as_of
    and prices.provider_id in (select distinct provider_id from intermediate.int_model_mix_daily)
order by all
"""


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

    `usage`: see `workloads`. `prices`: price cards valid now, see `price_cards`; a `capability_class` there overrides
    `classify_model`. Only the `window_days` full days before `as_of` count.
    Returns the columns of `recommendations`, best score first; `saving_pct` and `score` are floats, money is decimal.
    """
    import pandas as pd

    from ml.optimization.price_cards import price_cards
    from ml.optimization.workloads import workloads

    params = params or OptimizationParams()
    end = as_of - timedelta(days=1)
    start = as_of - timedelta(days=params.window_days)
    cards = price_cards(prices) if not prices.empty else []
    rows = []
    for workload in workloads(usage, start, end, params):
        options = [o for o in (_judge(workload, card, cards, params) for card in cards) if o is not None]
        if options:
            best = max(options, key=lambda o: (o["score"], o["suggested_model_id"]))
            rows.append(_finish(workload, best, options, start, end, scored_at_utc))
    frame = pd.DataFrame(rows, columns=columns_of("recommendations"))
    return frame.sort_values(["score", "recommendation_id"], ascending=[False, True], ignore_index=True)


def _judge(
    workload: Workload, card: PriceCard, cards: list[PriceCard], params: OptimizationParams
) -> dict[str, object] | None:
    """The swap of `workload` to `card` with its figures, None when it is not allowed or saves too little."""
    if card.provider_id != workload.provider_id or card.model_id == workload.model_id or card.is_deprecated:
        return None
    current = next((c for c in cards if (c.provider_id, c.model_id) == (card.provider_id, workload.model_id)), None)
    wanted = (current.capability_class if current else None) or classify_model(workload.model_id)
    offered = card.capability_class or classify_model(card.model_id)
    is_same_place = model_place(card.model_id) == model_place(workload.model_id)
    if wanted is None or wanted != offered or not is_same_place or not _context_fits(workload, card, current):
        return None
    projected = card.cost(workload.mix, workload.max_input_tokens)
    if projected is None or workload.cost_usd <= 0:
        return None
    saving = workload.cost_usd - projected
    saving_pct = to_decimal(saving * 100 / workload.cost_usd)
    if saving < params.min_saving_usd or saving_pct is None or saving_pct < params.min_saving_pct:
        return None
    effort, risk = _effort_and_risk(workload, card)
    return {
        "suggested_model_id": card.model_id,
        "projected_cost_usd": projected,
        "saving_usd": saving,
        "saving_pct": saving_pct,
        "effort": effort,
        "risk": risk,
        "score": score_saving(saving, risk, effort, params),
        "card": card,
    }


def _context_fits(workload: Workload, card: PriceCard, current: PriceCard | None) -> bool:
    """The candidate must hold the largest request seen or, when that is unknown, at least the current window."""
    if workload.max_input_tokens is not None:
        return card.context_window_tokens is not None and card.context_window_tokens >= workload.max_input_tokens
    window = current.context_window_tokens if current else None
    return window is not None and card.context_window_tokens is not None and card.context_window_tokens >= window


def _effort_and_risk(workload: Workload, card: PriceCard) -> tuple[str, str]:
    """Effort low within a family (a changed name), else medium (prompts to adapt).

    Risk high for an older generation of the family, medium for another family, low for the same or a newer generation.
    """
    if model_family(workload.model_id) != model_family(card.model_id):
        return "medium", "medium"
    ours, theirs = model_generation(workload.model_id), model_generation(card.model_id)
    is_older = ours is None or theirs is None or theirs < ours
    return "low", "high" if is_older else "low"


def _finish(
    workload: Workload,
    best: dict[str, object],
    options: list[dict[str, object]],
    start: date,
    end: date,
    scored_at_utc: datetime,
) -> dict[str, object]:
    card = cast("PriceCard", best["card"])
    evidence = {
        "days_with_usage": workload.days,
        "max_input_tokens": workload.max_input_tokens,
        "meters": [
            {
                "meter": meter,
                "price_variant": variant,
                "quantity": quantity,
                "suggested_price_usd_per_unit": str(card.price(meter, variant, workload.max_input_tokens)),
            }
            for (meter, variant), quantity in sorted(workload.mix.items())
        ],
        "alternatives": [
            {"model_id": o["suggested_model_id"], "saving_usd": str(o["saving_usd"])}
            for o in sorted(options, key=lambda o: str(o["suggested_model_id"]))
            if o is not best
        ],
        "assumption": "same token counts on the suggested model; quality is to be tested",
    }
    identity = (NAME, workload.scope_type, workload.scope_id, workload.provider_id, workload.model_id)
    return {
        **{k: v for k, v in best.items() if k != "card"},
        "saving_pct": float(str(best["saving_pct"])),
        "score": float(str(best["score"])),
        "recommendation_id": stable_id("recommendation", *identity, card.model_id, end.isoformat(), VERSION),
        "strategy": NAME,
        "scope_type": workload.scope_type,
        "scope_id": workload.scope_id,
        "current_model_id": workload.model_id,
        "provider_id": workload.provider_id,
        "evidence": json.dumps(evidence, sort_keys=True),
        "evidence_query": usage_query(
            scope_type=workload.scope_type,
            scope_id=workload.scope_id,
            provider_id=workload.provider_id,
            model_id=workload.model_id,
            start=start,
            end=end,
        ),
        "period_start_date": start,
        "period_end_date": end,
        "current_cost_usd": workload.cost_usd,
        "status": "open",
        "model_name": NAME,
        "model_version": VERSION,
        "scored_at_utc": scored_at_utc,
    }


STRATEGY = Strategy(
    NAME,
    VERSION,
    {"usage": "select * from intermediate.int_model_mix_daily order by all", "prices": PRICES_OF_A_DAY},
    recommend,
)
