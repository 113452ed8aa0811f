"""Requests that cost more than they should, by the day.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'total' as subject_type, 'all' as subject_id, sum(cost_usd) / nullif(sum(request_count), 0) as value,
    sum(cost_usd) as amount_usd, sum(request_count) as requests, max(usage_date) as since
from intermediate.int_metered_costs_daily
where usage_date = $as_of - 1 and request_count > 0
having count(*) > 0
"""

RULE = measured_rule(
    Measure(
        name="high_cost_per_request",
        reads=("intermediate.int_metered_costs_daily",),
        query=QUERY,
        threshold=Decimal("0.10"),
        minimum_usd=Decimal("5"),
        title="A request cost {value} USD on average on {since}",
        message=("{requests} requests cost {amount_usd} USD; the alert is for more than {threshold} USD a request."),
        remedy="See costops recommend list for cheaper models, shorter prompts and caching.",
    )
)
