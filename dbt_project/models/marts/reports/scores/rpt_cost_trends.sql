{#- Where a series is heading, by day, week and month: its newest whole periods, and the forecast of the next one, which
    of months is the running one. -#}
with
    daily as (
        select series_id, scope_type, scope_id, cost_kind, usage_date, spend_usd
        from {{ ref("rpt_spend_series_daily") }}
    ),

    -- A day is whole when it is over: no period takes in today.
    summed as (
        {%- for grain, start, days in [
            ("day", "daily.usage_date", 1),
            ("week", "cast(" ~ dbt.date_trunc("week", "daily.usage_date") ~ " as date)", 7),
            ("month", month_of("daily.usage_date"), none),
        ] %}
            {{ 'union all' if not loop.first }}
            select
                daily.series_id,
                daily.scope_type,
                daily.scope_id,
                daily.cost_kind,
                '{{ grain }}' as period_type,
                {{ start }} as period_start_date,
                cast(sum(coalesce(daily.spend_usd, 0)) as decimal(38, 12)) as spend_usd,
                count(*) as day_count,
                max(daily.usage_date) as last_date,
                {%- if days %} {{ days }}
                {%- else %} max(extract(day from last_day(daily.usage_date)))
                {%- endif %} as whole_day_count
            from daily
            where daily.usage_date < {{ today() }}
            group by 1, 2, 3, 4, 5, 6
        {%- endfor %}
    ),

    ranked as (
        select *, row_number() over (partition by series_id, period_type order by period_start_date desc) as newest_rank
        from summed
        where day_count = whole_day_count
    ),

    trends as (
        select
            series_id,
            scope_type,
            scope_id,
            cost_kind,
            period_type,
            cast(count(*) as bigint) as period_count,
            max(period_start_date) as newest_period_start_date,
            cast(max(case when newest_rank = 1 then spend_usd end) as decimal(38, 12)) as newest_spend_usd,
            cast(max(case when newest_rank = 2 then spend_usd end) as decimal(38, 12)) as previous_spend_usd,
            regr_slope(cast(spend_usd as double), - newest_rank) as slope_usd_per_period,
            avg(cast(spend_usd as double)) as average_spend_usd
        from ranked
        where newest_rank <= 30
        group by 1, 2, 3, 4, 5
    ),

    next_periods as (
        select
            series_id,
            case
                when period_type = 'next_day' then 'day' when period_type = 'next_7_days' then 'week' else period_type
            end as period_type,
            forecast_cost_usd,
            q10_cost_usd,
            q90_cost_usd,
            model_name,
            model_version,
            scored_at_utc
        from {{ ref("rpt_period_forecasts") }}
        where period_type in ('next_day', 'next_7_days', 'month')
    )

select
    trends.series_id,
    trends.scope_type,
    trends.scope_id,
    trends.cost_kind,
    trends.period_type,
    trends.period_count,
    trends.newest_period_start_date,
    trends.newest_spend_usd,
    trends.previous_spend_usd,
    {{ ratio("trends.newest_spend_usd - trends.previous_spend_usd", "trends.previous_spend_usd") }} as change_ratio,
    case
        when trends.period_count >= 3 then {{ ratio("trends.slope_usd_per_period", "trends.average_spend_usd") }}
    end as trend_ratio_per_period,
    case
        when trends.period_count < 3 or trends.average_spend_usd <= 0
        then 'unknown'
        when trends.slope_usd_per_period > 0.01 * trends.average_spend_usd
        then 'rising'
        when trends.slope_usd_per_period < -0.01 * trends.average_spend_usd
        then 'falling'
        else 'steady'
    end as direction,
    next_periods.forecast_cost_usd as next_cost_usd,
    next_periods.q10_cost_usd as next_lower_cost_usd,
    next_periods.q90_cost_usd as next_upper_cost_usd,
    next_periods.model_name,
    next_periods.model_version,
    next_periods.scored_at_utc
from trends
left join next_periods on next_periods.series_id = trends.series_id and next_periods.period_type = trends.period_type
