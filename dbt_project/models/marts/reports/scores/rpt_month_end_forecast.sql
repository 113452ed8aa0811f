{#
  What a running month will have cost when it ends: the days observed so far plus the newest outlook of the days
  still missing, of which a month may have more than the daily forecast reaches. The newest day observed may be a
  partial one: where the outlook covers it, it is forecast. A month that this leaves with a gap has no row. The
  interval is that of the month's sum, as far from the forecast as the newest run has it.
#}
with
    actuals as (select * from {{ ref("rpt_spend_series_daily") }}),

    last_days as (select scope_type, scope_id, max(usage_date) as last_date from actuals group by 1, 2),

    outlook as (select * from {{ source("ml", "cost_outlooks") }}),

    running as (select scope_type, scope_id, min(forecast_date) as first_date from outlook group by 1, 2),

    predicted as (
        select
            outlook.scope_type,
            outlook.scope_id,
            outlook.forecast_date,
            cast(outlook.predicted_cost_usd as decimal(38, 12)) as predicted_cost_usd
        from outlook
        inner join
            running
            on running.scope_type = outlook.scope_type
            and running.scope_id = outlook.scope_id
            and outlook.forecast_date <= last_day(running.first_date)
        left join last_days on last_days.scope_type = outlook.scope_type and last_days.scope_id = outlook.scope_id
        where last_days.last_date is null or outlook.forecast_date >= last_days.last_date
    ),

    days as (
        select
            actuals.scope_type,
            actuals.scope_id,
            actuals.usage_date,
            actuals.spend_usd as actual_usd,
            cast(null as decimal(38, 12)) as predicted_usd
        from actuals
        left join
            predicted
            on predicted.scope_type = actuals.scope_type
            and predicted.scope_id = actuals.scope_id
            and predicted.forecast_date = actuals.usage_date
        where predicted.forecast_date is null
        union all
        select scope_type, scope_id, forecast_date, cast(null as decimal(38, 12)), predicted_cost_usd
        from predicted
    ),

    months as (
        select
            scope_type,
            scope_id,
            {{ month_of("usage_date") }} as month_start_date,
            cast(coalesce(sum(actual_usd), 0) as decimal(38, 12)) as actual_spend_usd,
            cast(sum(predicted_usd) as decimal(38, 12)) as predicted_spend_usd,
            cast(count(predicted_usd) as bigint) as predicted_day_count,
            min(usage_date) as first_date,
            max(usage_date) as last_date,
            count(*) as day_count
        from days
        group by 1, 2, 3
    ),

    projected as (
        select *, row_number() over (partition by series_id order by scored_at_utc desc) as newest_rank
        from {{ source("ml", "period_forecasts") }}
        where period_type = 'month'
    )

select
    months.month_start_date,
    months.scope_type,
    months.scope_id,
    {{ series_cost_kind("months") }} as cost_kind,
    months.actual_spend_usd,
    months.predicted_spend_usd,
    cast(months.actual_spend_usd + months.predicted_spend_usd as decimal(38, 12)) as forecast_spend_usd,
    cast(
        months.actual_spend_usd
        + months.predicted_spend_usd
        + projected.q10_cost_usd
        - projected.forecast_cost_usd as decimal(38, 12)
    ) as lower_spend_usd,
    cast(
        months.actual_spend_usd
        + months.predicted_spend_usd
        + projected.q90_cost_usd
        - projected.forecast_cost_usd as decimal(38, 12)
    ) as upper_spend_usd,
    months.predicted_day_count
from months
left join
    projected
    on projected.scope_type = months.scope_type
    and projected.scope_id = months.scope_id
    and projected.period_start_date = months.month_start_date
    and projected.newest_rank = 1
where
    months.predicted_day_count > 0
    and months.last_date
    = cast({{ dbt.dateadd("day", -1, dbt.dateadd("month", 1, "months.month_start_date")) }} as date)
    and months.day_count = {{ dbt.datediff("months.first_date", "months.last_date", "day") }} + 1
    and (months.first_date = months.month_start_date or months.predicted_day_count < months.day_count)
