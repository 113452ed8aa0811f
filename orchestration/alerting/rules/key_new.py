"""A key that was never seen before.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
with seen as (select min(first_seen_date) as begin_date from marts.dim_api_keys)
select
    'api_key' as subject_type, api_key_id as subject_id,
    cast(first_seen_date >= $as_of - 7 as integer) as value, first_seen_date as since,
    coalesce(team_id, 'no team') as team_id
from marts.dim_api_keys, seen
where first_seen_date > begin_date + 30 and first_seen_date >= $as_of - 30
"""

RULE = measured_rule(
    Measure(
        name="key_new",
        reads=("marts.dim_api_keys",),
        query=QUERY,
        threshold=Decimal("0"),
        severity="info",
        title="A new key: {name}",
        message=("First used on {since} by {team_id}."),
        remedy="Give it an owner, or revoke it where nobody knows it.",
    )
)
