"""A budget whose forecast passes it by a margin.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'budget' as subject_type, outlooks.budget_id as subject_id,
    outlooks.forecast_cost_usd / nullif(outlooks.amount_usd, 0) as value,
    outlooks.period_start_date as period, outlooks.amount_usd as budget_usd, outlooks.forecast_cost_usd,
    outlooks.breach_date, budgets.owner, coalesce(budgets.budget_name, outlooks.budget_id) as name
from ml.budget_outlooks as outlooks
left join (
    select budget_id, arg_max(owner, valid_from_utc) as owner, arg_max(budget_name, valid_from_utc) as budget_name
    from marts.dim_budgets group by budget_id
) as budgets on budgets.budget_id = outlooks.budget_id
where outlooks.period_end_date >= $as_of and outlooks.spend_to_date_usd < outlooks.amount_usd
"""

RULE = measured_rule(
    Measure(
        name="forecast_over_budget",
        reads=("ml.budget_outlooks", "marts.dim_budgets"),
        query=QUERY,
        threshold=Decimal("1.1"),
        yields_to=("budget_projected_over",),
        title="Budget {name} is forecast to be passed",
        message=(
            "The forecast for the period from {period} is {forecast_cost_usd} of {budget_usd} USD "
            "({value} times the budget, alert from {threshold} on), likely day {breach_date}."
        ),
        remedy="Look at what drives the spend (costops why), slow it down or ask for more budget.",
    )
)
