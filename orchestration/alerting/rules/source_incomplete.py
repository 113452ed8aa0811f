"""Days of a source that are missing or cut short.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'source' as subject_type, source || '/' || endpoint as subject_id,
    count(*) filter (where status not in ('complete', 'restated')) as value,
    min(usage_date) filter (where status not in ('complete', 'restated')) as since,
    any_value(reason) filter (where status not in ('complete', 'restated')) as reason
from marts.rpt_source_completeness
where usage_date between $as_of - 30 and $as_of - 2
group by source, endpoint
union all
select 'source', source, count(*), min(usage_date), any_value(reason)
from marts.rpt_incomplete_days
where usage_date between $as_of - 30 and $as_of - 2 and source not like 'api/%'
    and usual_share_pct >= 1
group by source
"""

RULE = measured_rule(
    Measure(
        name="source_incomplete",
        reads=("marts.rpt_source_completeness", "marts.rpt_incomplete_days"),
        query=QUERY,
        threshold=Decimal("0"),
        yields_to=("source_stale",),
        title="{name}: {value} days are missing or cut short",
        message=("The first is {since}: {reason}."),
        remedy="Fetch them again (costops run --from {since}), or ask whoever writes its files.",
    )
)
