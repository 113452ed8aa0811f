{#- Spend counts from the start of the period, also where the budget began later; each day is held against the amount
    valid on it, whole. Status is decided on exact products, never on the rounded figures shown beside it. -#}
with
    measured as (select * from {{ ref("int_budget_progress") }}),

    thresholds as ({{ crossed_thresholds("measured", "usage_date", "spend_to_date_usd") }})

select
    {{ surrogate_key(["measured.budget_id", "measured.usage_date"]) }} as budget_status_key,
    measured.budget_id,
    measured.budget_name,
    measured.owner,
    measured.scope_type,
    measured.scope_id,
    measured.counts,
    measured.period,
    measured.day_time_zone,
    measured.period_start_at_utc,
    {{ reporting_clock("measured.period_start_at_utc") }} as period_start_local,
    measured.period_start_date,
    cast(measured.next_period_date - interval '1' day as date) as period_end_date,
    measured.usage_date,
    measured.days_elapsed,
    measured.days_in_period - measured.days_elapsed as days_remaining,
    measured.amount,
    measured.currency,
    measured.amount_usd,
    measured.spend_usd,
    measured.spend_to_date_usd,
    measured.cost_basis,
    measured.unknown_cost_item_count,
    measured.amount_usd - measured.spend_to_date_usd as remaining_usd,
    {{ ratio("measured.spend_to_date_usd * 100", "measured.amount_usd") }} as utilization_pct,
    {{ ratio("measured.spend_to_date_usd", "measured.days_elapsed") }} as daily_rate_usd_per_day,
    {{ ratio("measured.amount_usd - measured.spend_to_date_usd", "measured.days_in_period - measured.days_elapsed") }}
    as daily_budget_remaining_usd_per_day,
    thresholds.crossed_threshold_pct,
    measured.alert_thresholds_pct,
    measured.alert_projected_pct,
    {{ ratio(times("measured.spend_to_date_usd", "measured.days_in_period"), "measured.days_elapsed") }}
    as projected_spend_usd,
    {{
        budget_status(
            "measured.spend_to_date_usd", "measured.amount_usd", "measured.days_elapsed", "measured.days_in_period"
        )
    }} as status
from measured
left join thresholds on thresholds.budget_id = measured.budget_id and thresholds.usage_date = measured.usage_date
