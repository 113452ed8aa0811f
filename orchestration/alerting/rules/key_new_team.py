"""A key that another team begins to use.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.measured import Measure, measured_rule

QUERY = """
with
    pairs as (
        select api_key_id, team_id, min(usage_date) as first_date, sum(cost_usd) as cost_usd
        from intermediate.int_metered_costs_daily
        where api_key_id is not null and team_id is not null and usage_date < $as_of
        group by all
    ),
    keys as (select api_key_id, min(first_date) as key_first_date from pairs group by api_key_id)
select
    'api_key' as subject_type, api_key_id as subject_id, cast(first_date >= $as_of - 7 as integer) as value,
    first_date as since, team_id, cost_usd, team_id as period
from pairs join keys using (api_key_id)
where first_date > key_first_date + 14 and first_date >= $as_of - 30
"""

RULE = measured_rule(
    Measure(
        name="key_new_team",
        reads=("intermediate.int_metered_costs_daily",),
        query=QUERY,
        threshold=Decimal("0"),
        title="Key {name} is used from a new team: {team_id}",
        message=("Since {since}, {cost_usd} USD so far."),
        remedy="Ask the owner of the key whether it was shared; give each team its own.",
    )
)
