"""A user among the ten dearest whose 30 days cost more than an amount.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'user' as subject_type, used.user_id as subject_id, sum(used.contracted_cost_usd) as value,
    max(users.user_label) as name, coalesce(max(users.team_id), max(used.team_id), 'no team') as team_id,
    sum(used.request_count)::bigint as requests
from marts.rpt_usage_daily as used
left join marts.dim_users as users on users.user_id = used.user_id
where used.user_id is not null and used.usage_date between $as_of - 30 and $as_of - 1
group by used.user_id
having sum(used.contracted_cost_usd) > 0
order by value desc, subject_id
limit 10
"""

RULE = measured_rule(
    Measure(
        name="user_cost",
        reads=("marts.rpt_usage_daily", "marts.dim_users"),
        query=QUERY,
        threshold=Decimal("1000"),
        severity="info",
        title="User {name} of {team_id} cost {value} USD in 30 days",
        message="{requests} requests at contracted prices; the alert is for more than {threshold} USD.",
        remedy="Ask what it is for: costops recommend list names users who cost far more than their peers.",
    )
)
