"""What could cost less, and whether the work for it pays.

Put here: reading recommendations, their return. Keep out: recommending (`ml.optimization`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ml.optimization.return_on_investment import DEFAULT_COST_USD, DEFAULT_DAYS, return_of
from orchestration.presenting.standing import published_today
from orchestration.serving.faults import NotFound
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import amount_of, between
from orchestration.serving.reading import Reading

MART = "rpt_recommendations"
LOOK_BACK_DAYS = 7


def suggestions(reading: Reading, lookback_days: int = LOOK_BACK_DAYS) -> Answer:
    """What is open and rests on usage of the last days, what pays most first. `lookback_days`: how old its newest day
    may be; the saving is always measured on the days that each names."""
    between(lookback_days, 1, 366, "lookback_days")
    since = published_today(reading.connection) - timedelta(days=lookback_days)
    rows = reading.rows(
        f"select * from {reading.need(MART)} where is_open and period_end_date >= ? "
        "order by portfolio_order nulls last, recommendation_id",
        [since],
    )
    shown = [_shown(row) for row in rows]
    known = [row["incremental_savings_per_month"] for row in shown if row["incremental_savings_per_month"] is not None]
    body = {
        "lookback_days": lookback_days, "suggestions": shown,
        "total_potential_savings_per_month": sum(known, Decimal(0)) if known else None,
    }  # fmt: skip
    return Answer(body, "suggestions", (MART,), {"is_open": True, "period_end_date_from": since})


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    days = (row["period_end_date"] - row["period_start_date"]).days + 1
    return {
        "id": row["recommendation_id"], "title": row["title"], "description": row["description"],
        "category": row["strategy"], "priority": row["priority"],
        "potential_savings_per_month": _monthly(row["saving_usd"], days),
        "savings_low_per_month": _monthly(row["saving_lower_usd"], days),
        "savings_high_per_month": _monthly(row["saving_upper_usd"], days),
        "incremental_savings_per_month": _monthly(row["incremental_saving_usd"], days),
        "effort": row["effort"], "risk": row["risk"], "action_items": _list(row["actions"]),
        "scope_type": row["scope_type"], "scope_id": row["scope_id"], "team_id": row["owner_team_id"],
        "current_model": row["current_model_id"], "suggested_model": row["suggested_model_id"],
        "period_start": row["period_start_date"], "period_end": row["period_end_date"],
        "saving_usd": row["saving_usd"], "status": row["status"],
    }  # fmt: skip


def _monthly(amount: Decimal | None, days: int) -> Decimal | None:
    return None if amount is None else return_of(amount, saving_days=days).monthly_saving_usd


def _list(text: str | None) -> list[str]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [str(each) for each in found] if isinstance(found, list) else [str(found)]


def roi(
    reading: Reading,
    suggestion_id: str,
    implementation_cost: str | Decimal = DEFAULT_COST_USD,
    implementation_days: str | Decimal = DEFAULT_DAYS,
) -> Answer:
    """Whether one pays: months until it has, return of the first year, the advice in words.

    Raises:
        NotFound: the viewer sees none with this id.
    """
    cost = amount_of(implementation_cost, "implementation_cost")
    days = amount_of(implementation_days, "implementation_days", most=10_000)
    rows = reading.rows(f"select * from {reading.need(MART)} where recommendation_id = ?", [suggestion_id])
    if not rows:
        raise NotFound(
            f"there is no suggestion {suggestion_id[:60]!r}", remedy="see GET /api/v1/cost/suggestions", field="id"
        )
    row = rows[0]
    length = (row["period_end_date"] - row["period_start_date"]).days + 1
    found = None if row["saving_usd"] is None else return_of(
        row["saving_usd"], saving_days=length, cost_usd=cost, days=days
    )  # fmt: skip
    body = {
        "id": row["recommendation_id"], "title": row["title"], "implementation_cost": cost,
        "implementation_days": days, "monthly_savings": found.monthly_saving_usd if found else None,
        "break_even_months": found.break_even_months if found else None,
        "first_year_savings": found.first_year_usd if found else None,
        "roi_percent": found.roi_pct if found else None,
        "recommendation": found.verdict if found else "the saving is not known",
    }  # fmt: skip
    return Answer(body, None, (MART,), {"recommendation_id": suggestion_id})
