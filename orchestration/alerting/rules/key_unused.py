"""A key that nobody uses any more.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
select
    'api_key' as subject_type, api_key_id as subject_id, $as_of - last_seen_date as value, last_seen_date as since,
    coalesce(team_id, 'no team') as team_id
from marts.dim_api_keys
where last_seen_date >= $as_of - 60 and coalesce(api_key_status, 'active') = 'active'
"""

RULE = measured_rule(
    Measure(
        name="key_unused",
        reads=("marts.dim_api_keys",),
        query=QUERY,
        threshold=Decimal("30"),
        severity="info",
        title="Key {name} has not been used for {value} days",
        message=("Last used on {since} by {team_id}."),
        remedy="Revoke it if it is not needed.",
    )
)
