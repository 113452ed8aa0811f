{#- What earlier runs projected for months that are over: a projection is kept as it was said. -#}
with
    actuals as (select * from {{ ref("rpt_spend_series_daily") }}),

    last_days as (select max(usage_date) as last_date from actuals),

    months as (
        select
            scope_type,
            scope_id,
            {{ month_of("usage_date") }} as month_start_date,
            cast(coalesce(sum(spend_usd), 0) as decimal(38, 12)) as actual_spend_usd
        from actuals
        group by 1, 2, 3
    )

select
    projected.forecast_run_id,
    projected.series_id,
    projected.scope_type,
    projected.scope_id,
    {{ series_cost_kind("projected") }} as cost_kind,
    projected.period_start_date,
    projected.period_end_date,
    projected.trained_through_date,
    projected.actual_cost_usd as known_cost_usd,
    projected.forecast_cost_usd,
    projected.q10_cost_usd as lower_cost_usd,
    projected.q90_cost_usd as upper_cost_usd,
    coalesce(months.actual_spend_usd, 0) as actual_spend_usd,
    cast(coalesce(months.actual_spend_usd, 0) - projected.forecast_cost_usd as decimal(38, 12)) as forecast_error_usd,
    coalesce(months.actual_spend_usd, 0)
    between projected.q10_cost_usd and projected.q90_cost_usd as is_within_interval,
    projected.model_name,
    projected.model_version,
    projected.scored_at_utc
from {{ source("ml", "period_forecasts") }} as projected
cross join last_days
left join
    months
    on months.scope_type = projected.scope_type
    and months.scope_id = projected.scope_id
    and months.month_start_date = projected.period_start_date
where
    projected.period_type = 'month'
    and projected.scope_id <> 'other'
    and projected.period_end_date < last_days.last_date
