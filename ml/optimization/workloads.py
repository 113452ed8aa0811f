"""What each scope spent on each model in a window of days: the unit that strategies look at.

Put here: cutting usage into workloads. Keep out: what could be done about them (`strategies`), prices (`price_cards`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from ml.contracts import UNOWNED_SCOPE_ID
from ml.money import to_decimal
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import UNCHARGED_METERS, Mix


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


def workloads(usage: pd.DataFrame, start: date, end: date, params: OptimizationParams) -> list[Workload]:
    """Workloads of the days from `start` through `end`, by scope, provider and model.

    `usage`: rows `usage_date, provider_id, model_id, meter, quantity, cost_usd` (USD at the prices paid) and a
    `project_id` or `team_id`; optional `price_variant`, `max_input_tokens` (largest request behind the row). The scope
    is the project where there is one, else the team. A workload with any unpriced token meter is left out: its cost is
    unknown. Calls whose usage nobody reported (no cost on the `request` meter) are not counted.
    """
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
