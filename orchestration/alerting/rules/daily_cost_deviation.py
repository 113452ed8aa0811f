"""A day that costs many standard deviations more than the days before.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
with
    days as (
        select usage_date, sum(cost_usd) as cost_usd
        from intermediate.int_metered_costs_daily
        where usage_date between $as_of - 29 and $as_of - 1
        group by usage_date
    ),
    judged as (
        select
            sum(cost_usd) filter (where usage_date = $as_of - 1) as cost_usd,
            avg(cost_usd) filter (where usage_date between $as_of - 8 and $as_of - 2) as mean_usd,
            stddev_samp(cost_usd) filter (where usage_date between $as_of - 8 and $as_of - 2) as deviation_usd,
            count(*) filter (where usage_date between $as_of - 8 and $as_of - 2) as day_count
        from days
    )
select
    'total' as subject_type, 'all' as subject_id,
    case when day_count = 7 then (cost_usd - mean_usd) / nullif(deviation_usd, 0) end as value,
    cost_usd - mean_usd as amount_usd, cost_usd, mean_usd, $as_of - 1 as since
from judged
where cost_usd is not null
"""

RULE = measured_rule(
    Measure(
        name="daily_cost_deviation",
        reads=("intermediate.int_metered_costs_daily",),
        query=QUERY,
        threshold=Decimal("3"),
        minimum_usd=Decimal("10"),
        yields_to=("cost_anomaly",),
        title="{since} cost {value} standard deviations more than the week before",
        message=("{cost_usd} USD against {mean_usd} USD on the 7 days before (alert from {threshold} on)."),
        remedy="See what it was: costops why.",
    )
)
