"""A customer whose day costs a multiple of the week before.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
with
    days as (
        select customer_id, usage_date, sum(cost_usd) as cost_usd
        from intermediate.int_metered_costs_daily
        where customer_id is not null and usage_date between $as_of - 29 and $as_of - 1
        group by all
    ),
    customers as (
        select
            customer_id,
            sum(cost_usd) filter (where usage_date = $as_of - 1) as cost_usd,
            coalesce(sum(cost_usd) filter (where usage_date between $as_of - 8 and $as_of - 2), 0) / 7 as mean_usd,
            coalesce(sum(cost_usd) filter (
                where usage_date in ($as_of - 8, $as_of - 15, $as_of - 22, $as_of - 29)), 0) / 4 as usual_usd,
            min(usage_date) as first_date
        from days group by customer_id
    )
select
    'customer' as subject_type, customer_id as subject_id, cost_usd / nullif(greatest(mean_usd, usual_usd), 0) as value,
    cost_usd - greatest(mean_usd, usual_usd) as amount_usd, cost_usd, greatest(mean_usd, usual_usd) as expected_usd,
    $as_of - 1 as since
from customers
where cost_usd is not null and first_date <= $as_of - 8
"""

RULE = measured_rule(
    Measure(
        name="customer_cost_jump",
        reads=("intermediate.int_metered_costs_daily",),
        query=QUERY,
        threshold=Decimal("3"),
        minimum_usd=Decimal("10"),
        yields_to=("cost_anomaly",),
        title="Customer {name} cost {value} times the usual on {since}",
        message=(
            "{cost_usd} USD against {expected_usd} USD, the larger of the mean of the 7 days before and"
            " of the same weekday before."
        ),
        remedy="Ask whether it is growth or a fault: costops why.",
    )
)
