"""Spend that nobody owns.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'total' as subject_type, 'all' as subject_id,
    100 * sum(allocated_cost_usd) filter (where allocation_stage = 'unallocated')
        / nullif(sum(allocated_cost_usd), 0) as value,
    sum(allocated_cost_usd) filter (where allocation_stage = 'unallocated') as amount_usd, $as_of - 30 as since
from marts.fct_allocated_costs_daily
where usage_date between $as_of - 30 and $as_of - 1
having count(*) > 0
"""

RULE = measured_rule(
    Measure(
        name="unallocated_share",
        reads=("marts.fct_allocated_costs_daily",),
        query=QUERY,
        threshold=Decimal("10"),
        critical=Decimal("30"),
        minimum_usd=Decimal("50"),
        title="{value} % of the spend has no owner",
        message=("{amount_usd} USD since {since} belong to no team."),
        remedy="Give the largest items an owner in the organisation files; rpt_unallocated lists whom to ask.",
    )
)
