"""A source that brings no more data.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'source' as subject_type, source || '/' || endpoint as subject_id,
    $as_of - max(usage_date) filter (where status in ('complete', 'restated')) as value,
    max(usage_date) filter (where status in ('complete', 'restated')) as since
from marts.rpt_source_completeness
group by source, endpoint
having value <= 45
union all
select 'source', source, count(*), min(usage_date) - 1
from marts.rpt_incomplete_days as missing
where usage_date < $as_of and source not like 'api/%'
    and usage_date > (
        select max(latest_data_date) from marts.rpt_source_freshness as seen where seen.source = missing.source
    )
group by source
having $as_of - min(usage_date) <= 45
"""
"""Who has brought nothing for six weeks is no problem of today: it was told when it ended, or before anybody looked."""

RULE = measured_rule(
    Measure(
        name="source_stale",
        reads=("marts.rpt_source_completeness", "marts.rpt_incomplete_days", "marts.rpt_source_freshness"),
        query=QUERY,
        threshold=Decimal("3"),
        critical=Decimal("7"),
        title="{name} has brought no complete day since {since}",
        message=("Figures after it are not whole; {value} days lie between."),
        remedy="Check access, quota and whoever writes its files: costops doctor. If it is off on purpose, a row of "
        "alerts/alert_rules.csv with this rule, this subject and enabled no ends the alert.",
    )
)
