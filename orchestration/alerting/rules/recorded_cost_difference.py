"""Costs that a tool recorded and that differ from the list.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'source' as subject_type, event_source as subject_id,
    100 * abs(sum(difference_usd)) / nullif(abs(sum(list_cost_usd)), 0) as value,
    sum(difference_usd) as amount_usd, sum(list_cost_usd) as list_usd, min(usage_date) as since
from marts.rpt_recorded_cost_differences
where usage_date between $as_of - 7 and $as_of - 1 and difference_usd is not null
group by event_source
"""

RULE = measured_rule(
    Measure(
        name="recorded_cost_difference",
        reads=("marts.rpt_recorded_cost_differences",),
        query=QUERY,
        threshold=Decimal("5"),
        minimum_usd=Decimal("5"),
        title="{name} records costs {value} % off the list",
        message=("{amount_usd} USD against {list_usd} USD at list prices since {since}."),
        remedy="See rpt_recorded_cost_differences; the tool may use old prices.",
    )
)
