{#
  Each day and month of a series beside the same one a year earlier. 29 February is compared with 28 February.
  Without a row a year earlier there is no history and the comparison is NULL; a day inside the observed range
  without spend is a zero, and from zero there is no percentage.
#}
with
    series as (
        select series.*, dates.month_start_date, dates.days_in_month
        from {{ ref("rpt_spend_series_daily") }} as series
        inner join {{ ref("dim_dates") }} as dates on dates.date_day = series.usage_date
    ),

    periods as (
        select
            'day' as period_type,
            usage_date as period_start_date,
            1 as period_days,
            series_id,
            scope_type,
            scope_id,
            spend_usd
        from series
        union all
        select 'month', month_start_date, days_in_month, series_id, scope_type, scope_id, spend_usd
        from series
    ),

    totals as (
        select
            period_type,
            series_id,
            scope_type,
            scope_id,
            period_start_date,
            cast({{ dbt.dateadd("year", -1, "period_start_date") }} as date) as previous_year_start_date,
            cast(count(*) as bigint) as day_count,
            count(*) = max(period_days) as is_whole,
            {{ money_sum("spend_usd") }} as spend_usd
        from periods
        group by 1, 2, 3, 4, 5
    ),

    compared as (
        select
            this_year.period_type,
            this_year.series_id,
            this_year.scope_type,
            this_year.scope_id,
            {{ series_cost_kind("this_year") }} as cost_kind,
            this_year.period_start_date,
            this_year.previous_year_start_date,
            this_year.day_count,
            last_year.day_count as previous_year_day_count,
            coalesce(
                this_year.day_count = last_year.day_count or (this_year.is_whole and last_year.is_whole), false
            ) as is_like_for_like,
            this_year.spend_usd,
            last_year.spend_usd as previous_year_spend_usd,
            cast(this_year.spend_usd - last_year.spend_usd as decimal(38, 12)) as spend_change_usd
        from totals as this_year
        left join
            totals as last_year
            on last_year.period_type = this_year.period_type
            and last_year.series_id = this_year.series_id
            and last_year.period_start_date = this_year.previous_year_start_date
    )

select
    *,
    {{ percent("spend_change_usd", "case when previous_year_spend_usd > 0 then previous_year_spend_usd end") }}
    as spend_change_pct
from compared
