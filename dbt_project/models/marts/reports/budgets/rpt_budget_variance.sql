{#- The newest day of each period of each budget. Periods that ended show how they ended, the running one where it
    stands; budgets that cannot be judged are listed with the reason. -#}
with
    ranked as (
        select
            *,
            row_number() over (partition by budget_id, period_start_date order by usage_date desc) as day_rank,
            max(usage_date) over (partition by day_time_zone) as last_usage_date
        from {{ ref("fct_budget_status_daily") }}
    )

select
    {{ surrogate_key(["budget_id", "period_start_date"]) }} as budget_variance_key,
    budget_id,
    budget_name,
    owner,
    scope_type,
    scope_id,
    counts,
    period,
    day_time_zone,
    period_start_at_utc,
    period_start_local,
    period_start_date,
    period_end_date,
    usage_date as as_of_usage_date,
    last_usage_date >= period_end_date as is_period_over,
    days_elapsed,
    days_remaining,
    amount,
    currency,
    amount_usd,
    spend_to_date_usd as spend_usd,
    cost_basis,
    unknown_cost_item_count,
    remaining_usd,
    utilization_pct,
    daily_rate_usd_per_day,
    daily_budget_remaining_usd_per_day,
    spend_to_date_usd - amount_usd as variance_usd,
    {{ percent("spend_to_date_usd - amount_usd", "amount_usd") }} as variance_pct,
    case
        when spend_to_date_usd > amount_usd
        then 'over'
        when spend_to_date_usd < amount_usd
        then 'under'
        when spend_to_date_usd = amount_usd
        then 'on'
    end as variance_sign,
    projected_spend_usd,
    projected_spend_usd - amount_usd as projected_variance_usd,
    crossed_threshold_pct,
    status,
    case
        when amount_usd is null then 'no_exchange_rate' when spend_to_date_usd is null then 'spend_unknown'
    end as unknown_reason
from ranked
where day_rank = 1
