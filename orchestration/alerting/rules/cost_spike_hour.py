"""An hour that costs a multiple of what its day and its hour of the week cost.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
with
    hours as (
        select usage_hour_utc, sum(contracted_cost_usd) as cost_usd
        from marts.fct_llm_usage_hourly
        where usage_date between $as_of - 30 and $as_of
        group by usage_hour_utc
    ),
    judged as (
        select
            usage_hour_utc, cost_usd,
            (select sum(b.cost_usd) / 24 from hours as b
                where b.usage_hour_utc >= a.usage_hour_utc - interval 24 hour and b.usage_hour_utc < a.usage_hour_utc)
                as mean_usd,
            (select sum(b.cost_usd) / 4 from hours as b where b.usage_hour_utc in (
                a.usage_hour_utc - interval 7 day, a.usage_hour_utc - interval 14 day,
                a.usage_hour_utc - interval 21 day, a.usage_hour_utc - interval 28 day)) as usual_usd
        from hours as a
        where usage_hour_utc >= $as_of - interval 1 day
    ),
    ratios as (
        select *, greatest(mean_usd, coalesce(usual_usd, 0)) as expected_usd from judged
    )
select
    'total' as subject_type, 'all' as subject_id, cost_usd / nullif(expected_usd, 0) as value,
    cost_usd - expected_usd as amount_usd, cost_usd, expected_usd, usage_hour_utc as since
from ratios
order by case when cost_usd - expected_usd >= 10 then value else 0 end desc nulls last, usage_hour_utc
limit 1
"""

RULE = measured_rule(
    Measure(
        name="cost_spike_hour",
        reads=("marts.fct_llm_usage_hourly",),
        query=QUERY,
        threshold=Decimal("2"),
        minimum_usd=Decimal("10"),
        yields_to=("cost_anomaly",),
        title="Hour of {since} cost {value} times the usual",
        message=(
            "{cost_usd} USD against {expected_usd} USD, the larger of the mean of the 24 hours before "
            "and of the same hour of the four weeks before."
        ),
        remedy="See which key and model it was: costops why.",
    )
)
