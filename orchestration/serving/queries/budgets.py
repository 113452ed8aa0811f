"""Budgets and where each stands.

Put here: reading them. Keep out: the answer before spending (`checking`), writing one (`writes`).
"""

from __future__ import annotations

from typing import Any

from orchestration.serving.faults import AskedWrongly, NotFound
from orchestration.serving.queries.answers import Answer
from orchestration.serving.reading import Reading

BUDGETS, STATUS = "dim_budgets", "fct_budget_status_daily"
_LIST = """
select budget_id, budget_name as name, amount_usd as "limit", amount, currency, period, alert_thresholds_pct,
    case when scope_type = 'user' then scope_id end as user_id, scope_type, scope_id, counts, owner
from {budgets} where is_current order by budget_name, budget_id"""
_STATUS = """
select budget_id, period_start_date, period_end_date, usage_date, spend_to_date_usd as current_spend,
    amount_usd as "limit", utilization_pct as percent_used, remaining_usd as remaining,
    projected_spend_usd as projected_spend, days_remaining, unknown_cost_item_count, status
from {status} qualify row_number() over (
    partition by budget_id order by usage_date desc, period_start_date desc, budget_status_key
) = 1"""
_FIGURES = (
    "current_spend", "percent_used", "remaining", "projected_spend", "status", "period_start_date", "period_end_date",
    "usage_date", "days_remaining", "unknown_cost_item_count",
)  # fmt: skip


def budgets(reading: Reading) -> Answer:
    """Every budget that holds today, with what was spent of it."""
    return Answer({"budgets": read_budgets(reading)}, "budgets", (BUDGETS, STATUS), {"is_current": True})


def read_budgets(reading: Reading) -> list[dict[str, Any]]:
    """The same as rows."""
    rows = reading.rows(_LIST.format(budgets=reading.need(BUDGETS)))
    standing = {row["budget_id"]: row for row in reading.rows(_STATUS.format(status=reading.need(STATUS)))}
    for row in rows:
        row["alert_thresholds"] = [float(each) for each in (row.pop("alert_thresholds_pct") or "").split(";") if each]
        row |= {name: standing.get(row["budget_id"], {}).get(name) for name in _FIGURES}
    return rows


def status(reading: Reading, name: str) -> Answer:
    """One budget by its name or id.

    Raises:
        NotFound: the viewer sees none of this name.
        AskedWrongly: several have it.
    """
    every = read_budgets(reading)
    found = [row for row in every if row["budget_id"] == name] or [row for row in every if row["name"] == name]
    if not found:
        raise NotFound(
            f"there is no budget {name[:60]!r}",
            remedy="see GET /api/v1/cost/budgets for those you may see",
            field="name",
        )
    if len(found) > 1:
        ids = ", ".join(row["budget_id"] for row in found)
        raise AskedWrongly(f"several budgets are called {name[:60]!r}", remedy=f"use an id: {ids}", field="name")
    return Answer(found[0], None, (BUDGETS, STATUS), {"budget_id": found[0]["budget_id"]})
