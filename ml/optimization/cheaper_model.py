"""Strategy: the same tokens on a cheaper model of the same provider and class.

Put here: candidates, saving, score, the output frame. Keep out: price arithmetic, other strategies.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd

from ml.identity import stable_id
from ml.money import to_decimal
from ml.optimization.model_classes import classify_model, model_family, model_generation, model_place
from ml.optimization.params import CHEAPER_MODEL_STRATEGY, CHEAPER_MODEL_VERSION, OptimizationParams
from ml.optimization.price_cards import UNCHARGED_METERS, Mix, PriceCard, price_cards
from ml.series import UNOWNED_SCOPE_ID

RECOMMENDATION_COLUMNS = (
    "recommendation_id strategy scope_type scope_id current_model_id suggested_model_id provider_id evidence "
    "evidence_query period_start_date period_end_date current_cost_usd projected_cost_usd saving_usd saving_pct effort "
    "risk score status model_name model_version scored_at_utc"
).split()


@dataclass(frozen=True)
class Workload:
    """What one scope spent on one model in the window. `cost_usd` is what it cost at its own prices."""

    scope_type: str
    scope_id: str
    provider_id: str
    model_id: str
    mix: Mix
    cost_usd: Decimal
    days: int
    max_input_tokens: int | None


def recommend_cheaper_models(
    usage: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    as_of: date,
    scored_at_utc: datetime,
    params: OptimizationParams | None = None,
) -> pd.DataFrame:
    """At most one recommendation per scope × provider × model: the cheaper model with the best score.

    `usage`: rows `usage_date, provider_id, model_id, meter, quantity, cost_usd` (USD at the prices paid) and a
    `project_id` or `team_id`; optional `price_variant`, `max_input_tokens` (largest request behind the row). The
    scope is the project where there is one, else the team. `prices`: price cards valid now, see `price_cards`;
    a `capability_class` there overrides `classify_model`. Only the `window_days` full days before `as_of` count. A
    workload with any unpriced token meter is left out: its cost is unknown. Calls whose usage nobody reported (no cost
    on the `request` meter) are not counted: cost and saving are then those of what is known.
    Returns `RECOMMENDATION_COLUMNS`, best score first; `saving_pct` and `score` are floats, money is decimal.
    """
    params = params or OptimizationParams()
    end = as_of - timedelta(days=1)
    start = as_of - timedelta(days=params.window_days)
    cards = price_cards(prices) if not prices.empty else []
    rows = []
    for workload in _workloads(usage, start, end, params):
        options = [o for o in (_judge(workload, card, cards, params) for card in cards) if o is not None]
        if options:
            best = max(options, key=lambda o: (o["score"], o["suggested_model_id"]))
            rows.append(_finish(workload, best, options, start, end, scored_at_utc))
    frame = pd.DataFrame(rows, columns=RECOMMENDATION_COLUMNS)
    return frame.sort_values(["score", "recommendation_id"], ascending=[False, True], ignore_index=True)


def score_saving(saving_usd: Decimal, risk: str, effort: str, params: OptimizationParams) -> Decimal:
    """Likely USD per window and unit of effort: saving × realisation ratio of the risk ÷ weight of the effort."""
    value = saving_usd * params.realisation_ratio_by_risk[risk] / params.weight_by_effort[effort]
    return to_decimal(value) or Decimal(0)


def _workloads(usage: pd.DataFrame, start: date, end: date, params: OptimizationParams) -> list[Workload]:
    if usage.empty:
        return []
    usage = usage.reset_index(drop=True)
    days = pd.to_datetime(usage["usage_date"]).dt.date
    inside = usage[(days >= start) & (days <= end) & usage["provider_id"].notna() & usage["model_id"].notna()]
    inside = inside.assign(usage_date=days, **_scope_columns(inside))
    if "price_variant" not in inside.columns:
        inside = inside.assign(price_variant="standard")
    found = []
    for key, rows in inside.groupby(["scope_type", "scope_id", "provider_id", "model_id"], sort=True):
        used = rows[rows["quantity"].fillna(0) != 0]
        is_unpriced = used["cost_usd"].isna() & ~used["meter"].isin(UNCHARGED_METERS)
        if used.empty or is_unpriced.any() or used["usage_date"].nunique() < params.min_days_with_usage:
            continue
        mix: Mix = {}
        for meter, variant, quantity in zip(used["meter"], used["price_variant"], used["quantity"], strict=True):
            part = (str(meter), "standard" if pd.isna(variant) else str(variant))
            mix[part] = mix.get(part, 0) + int(quantity)
        cost = sum((to_decimal(c) or Decimal(0) for c in used["cost_usd"]), Decimal(0))
        largest = used["max_input_tokens"] if "max_input_tokens" in used.columns else pd.Series([None])
        size = None if largest.isna().any() else int(largest.max())
        scope_type, scope_id, provider_id, model_id = (str(k) for k in key)
        days_used = int(used["usage_date"].nunique())
        found.append(Workload(scope_type, scope_id, provider_id, model_id, mix, cost, days_used, size))
    return found


def _scope_columns(usage: pd.DataFrame) -> dict[str, pd.Series]:
    nothing = pd.Series(None, index=usage.index, dtype="object")
    project = usage["project_id"].astype("object") if "project_id" in usage.columns else nothing
    team = usage["team_id"].astype("object") if "team_id" in usage.columns else nothing
    has_project = project.notna()
    scope_type = pd.Series("team", index=usage.index).where(~has_project, "project")
    return {"scope_type": scope_type, "scope_id": project.where(has_project, team.fillna(UNOWNED_SCOPE_ID)).astype(str)}


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
    card = best["card"]
    assert isinstance(card, PriceCard)
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
    identity = (CHEAPER_MODEL_STRATEGY, workload.scope_type, workload.scope_id, workload.provider_id, workload.model_id)
    return {
        **{k: v for k, v in best.items() if k != "card"},
        "saving_pct": float(str(best["saving_pct"])),
        "score": float(str(best["score"])),
        "recommendation_id": stable_id(
            "recommendation", *identity, card.model_id, end.isoformat(), CHEAPER_MODEL_VERSION
        ),
        "strategy": CHEAPER_MODEL_STRATEGY,
        "scope_type": workload.scope_type,
        "scope_id": workload.scope_id,
        "current_model_id": workload.model_id,
        "provider_id": workload.provider_id,
        "evidence": json.dumps(evidence, sort_keys=True),
        "evidence_query": _evidence_query(workload, start, end),
        "period_start_date": start,
        "period_end_date": end,
        "current_cost_usd": workload.cost_usd,
        "status": "open",
        "model_name": CHEAPER_MODEL_STRATEGY,
        "model_version": CHEAPER_MODEL_VERSION,
        "scored_at_utc": scored_at_utc,
    }


def _evidence_query(workload: Workload, start: date, end: date) -> str:
    """SQL over the marts that returns the quantities and the cost behind the recommendation."""
    if workload.scope_type == "project":
        scope = f"project_id = {_quoted(workload.scope_id)}"
    elif workload.scope_id == UNOWNED_SCOPE_ID:
        scope = "project_id is null and team_id is null"
    else:
        scope = f"project_id is null and team_id = {_quoted(workload.scope_id)}"
    return (
        "select meter, price_variant, sum(quantity) as quantity, sum(contracted_cost_usd) as cost_usd"
        f" from marts.fct_llm_usage_hourly where provider_id = {_quoted(workload.provider_id)}"
        f" and model_id = {_quoted(workload.model_id)} and {scope}"
        f" and is_billable and usage_date between date '{start}' and date '{end}'"
        " group by meter, price_variant order by meter, price_variant"
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
