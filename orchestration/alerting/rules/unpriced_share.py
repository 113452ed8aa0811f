"""Requests that have no price.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'total' as subject_type, 'all' as subject_id,
    100 - 100 * sum(priced_request_count) / nullif(sum(billable_request_count), 0) as value,
    sum(billable_request_count) - sum(priced_request_count) as requests, $as_of - 7 as since
from marts.rpt_request_coverage_daily
where usage_date between $as_of - 7 and $as_of - 1
having count(*) > 0
"""

RULE = measured_rule(
    Measure(
        name="unpriced_share",
        reads=("marts.rpt_request_coverage_daily",),
        query=QUERY,
        threshold=Decimal("5"),
        critical=Decimal("25"),
        title="{value} % of requests have no price",
        message=("{requests} requests since {since} have no known price; their cost is unknown, not zero."),
        remedy="Add the missing prices to the price files: costops doctor names the models.",
    )
)
