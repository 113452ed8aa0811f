"""Requests to one model that cost more than they should, over 30 days. Only rows of the home make thresholds.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'model' as subject_type, model_id as subject_id, sum(cost_usd) / nullif(sum(request_count), 0) as value,
    sum(cost_usd) as amount_usd, sum(request_count)::bigint as requests
from intermediate.int_metered_costs_daily
where model_id is not null and usage_date between $as_of - 30 and $as_of - 1
group by model_id
"""

RULE = measured_rule(
    Measure(
        name="model_cost_per_request",
        reads=("intermediate.int_metered_costs_daily",),
        query=QUERY,
        threshold=None,
        minimum_usd=Decimal("5"),
        severity="info",
        title="A request to {name} costs {value} USD",
        message="{requests} requests cost {amount_usd} USD in 30 days; more than {threshold} USD each is an alert.",
        remedy="Use a cheaper model for what is simple: costops recommend list, costops compare-models.",
    )
)
