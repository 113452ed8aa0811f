with
    source as (select * from {{ ref("int_budgets") }}),

    ranked as (select source.*, {{ current_rank("source.budget_id") }} as current_rank from source)

select
    budget_id,
    budget_name,
    owner,
    scope_type,
    scope_id,
    period,
    day_time_zone,
    amount,
    currency,
    amount_usd,
    counts,
    thresholds_pct,
    alert_thresholds_pct,
    alert_projected_pct,
    valid_from_utc,
    valid_to_utc,
    {{ valid_on("ranked", today()) }} as is_current
from ranked
where current_rank = 1
