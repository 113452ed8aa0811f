"""A kind or category of cost that reaches an amount in the month so far. Only rows of the home make thresholds.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'category' as subject_type, cost_kind as subject_id, sum(allocated_cost_usd) as value,
    date_trunc('month', $as_of - 1)::date as period
from marts.fct_allocated_costs_daily
where usage_date between date_trunc('month', $as_of - 1) and $as_of and cost_kind is not null
group by cost_kind
union all
select 'category', 'total', sum(allocated_cost_usd), date_trunc('month', $as_of - 1)::date
from marts.fct_allocated_costs_daily
where usage_date between date_trunc('month', $as_of - 1) and $as_of
having count(*) > 0
union all
select 'category', category, sum(cost_usd), month_start_date
from marts.fct_tco_monthly
where month_start_date = date_trunc('month', $as_of - 1)::date and category <> 'infrastructure'
group by category, month_start_date
"""

RULE = measured_rule(
    Measure(
        name="category_amount",
        reads=("marts.fct_allocated_costs_daily", "marts.fct_tco_monthly"),
        query=QUERY,
        threshold=None,
        is_reached=True,
        title="Cost of {name} reached {threshold} USD this month",
        message=("{value} USD since {period}."),
        remedy="See the largest items: costops report.",
    )
)
