"""Budgets that go on and are not passed yet, with what is forecast of them: what several rules measure differently.

Put here: the statement. Keep out: thresholds, words (`alerting.rules`).
"""

from __future__ import annotations

READS = ("ml.budget_outlooks", "marts.dim_budgets")


def outlook_query(value: str) -> str:
    """One row per budget; `value` is the expression over `outlooks` that a rule compares with its threshold."""
    return f"""
select
    'budget' as subject_type, outlooks.budget_id as subject_id, {value} as value,
    outlooks.period_start_date as period, outlooks.amount_usd as budget_usd, outlooks.forecast_cost_usd,
    outlooks.breach_date, budgets.owner, coalesce(budgets.budget_name, outlooks.budget_id) as name
from ml.budget_outlooks as outlooks
left join (
    select budget_id, arg_max(owner, valid_from_utc) as owner, arg_max(budget_name, valid_from_utc) as budget_name
    from marts.dim_budgets group by budget_id
) as budgets on budgets.budget_id = outlooks.budget_id
where outlooks.period_end_date >= $as_of and outlooks.spend_to_date_usd < outlooks.amount_usd
"""
