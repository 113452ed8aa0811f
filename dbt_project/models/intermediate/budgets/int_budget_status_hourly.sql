{#- Each hour is a period of its own. Hours are UTC hours: where clocks change, no hour is lost, none counts twice. -#}
with
    measured as (
        select
            budgets.budget_id,
            budgets.budget_name,
            budgets.owner,
            budgets.scope_type,
            budgets.scope_id,
            budgets.period,
            budgets.day_time_zone,
            budgets.amount,
            budgets.currency,
            {{ budget_in_usd("budgets", "rates") }} as amount_usd,
            budgets.counts,
            budgets.thresholds_pct,
            budgets.alert_thresholds_pct,
            budgets.alert_projected_pct,
            spend.usage_hour_utc,
            cast(spend.usage_hour_utc as date) as usage_date,
            spend.spend_usd,
            spend.unknown_cost_item_count
        from {{ ref("int_budgets") }} as budgets
        inner join
            {{ ref("int_budget_spend_hourly") }} as spend
            on spend.scope_type = budgets.scope_type
            and coalesce(spend.scope_id, '') = coalesce(budgets.scope_id, '')
            and {{ valid_on("budgets", "spend.usage_hour_utc") }}
        left join
            {{ ref("int_fx_rates") }} as rates
            on rates.currency = budgets.currency
            and {{ valid_on("rates", "cast(spend.usage_hour_utc as date)") }}
        where budgets.period = 'hour'
    ),

    thresholds as ({{ crossed_thresholds("measured", "usage_hour_utc", "spend_usd") }})

select
    {{ surrogate_key(["measured.budget_id", "measured.usage_hour_utc"]) }} as budget_status_key,
    measured.budget_id,
    measured.budget_name,
    measured.owner,
    measured.scope_type,
    measured.scope_id,
    measured.counts,
    measured.period,
    measured.day_time_zone,
    measured.usage_hour_utc,
    {{ reporting_clock("measured.usage_hour_utc") }} as usage_hour_local,
    measured.usage_date,
    measured.amount,
    measured.currency,
    measured.amount_usd,
    measured.thresholds_pct,
    measured.alert_thresholds_pct,
    measured.alert_projected_pct,
    measured.spend_usd,
    measured.amount_usd - measured.spend_usd as remaining_usd,
    {{ ratio("measured.spend_usd * 100", "measured.amount_usd") }} as utilization_pct,
    thresholds.crossed_threshold_pct,
    measured.unknown_cost_item_count,
    {{ budget_status("measured.spend_usd", "measured.amount_usd", "1", "1") }} as status
from measured
left join
    thresholds on thresholds.budget_id = measured.budget_id and thresholds.usage_hour_utc = measured.usage_hour_utc
