{#- Budgets by their forecast instead of by the rate so far; the rate of the last week stands beside. -#}
with
    ranked as (
        select
            budget_id,
            budget_name,
            owner,
            scope_type,
            scope_id,
            row_number() over (partition by budget_id order by usage_date desc) as newest_rank
        from {{ ref("fct_budget_status_daily") }}
    ),

    budgets as (select * from ranked where newest_rank = 1)

select
    outlooks.budget_id,
    budgets.budget_name,
    budgets.owner,
    budgets.scope_type,
    budgets.scope_id,
    outlooks.series_id,
    outlooks.period_start_date,
    outlooks.period_end_date,
    outlooks.amount_usd,
    outlooks.spend_to_date_usd,
    outlooks.forecast_cost_usd,
    outlooks.lower_cost_usd,
    outlooks.upper_cost_usd,
    outlooks.run_rate_cost_usd,
    outlooks.breach_probability as breach_probability_ratio,
    outlooks.breach_date,
    outlooks.earliest_breach_date,
    outlooks.recommended_budget_usd,
    outlooks.reason,
    outlooks.model_name,
    outlooks.model_version,
    outlooks.scored_at_utc
from {{ source("ml", "budget_outlooks") }} as outlooks
left join budgets on budgets.budget_id = outlooks.budget_id
