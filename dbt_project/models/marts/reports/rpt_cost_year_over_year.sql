{#
  Each day and month of a series beside the same one a year earlier. 29 February is compared with 28 February.
  Without a row a year earlier there is no history and the comparison is NULL; a day inside the observed range
  without spend is a zero, and from zero there is no percentage.
#}
with series as (
    select * from {{ ref('rpt_spend_series_daily') }}
),

periods as (
    select 'day' as period_type, usage_date as period_start_date, scope_type, scope_id, usage_date, spend_usd
    from series
    union all
    select
        'month' as period_type,
        cast({{ dbt.date_trunc('month', 'usage_date') }} as date) as period_start_date,
        scope_type,
        scope_id,
        usage_date,
        spend_usd
    from series
),

totals as (
    select
        period_type,
        scope_type,
        scope_id,
        period_start_date,
        cast({{ dbt.dateadd('year', -1, 'period_start_date') }} as date) as previous_year_start_date,
        cast(count(*) as bigint) as day_count,
        cast(sum(spend_usd) as decimal(38, 12)) as spend_usd
    from periods
    group by 1, 2, 3, 4
),

compared as (
    select
        this_year.period_type,
        this_year.scope_type,
        this_year.scope_id,
        this_year.period_start_date,
        this_year.previous_year_start_date,
        this_year.day_count,
        last_year.day_count as previous_year_day_count,
        this_year.spend_usd,
        last_year.spend_usd as previous_year_spend_usd,
        cast(this_year.spend_usd - last_year.spend_usd as decimal(38, 12)) as spend_change_usd
    from totals as this_year
    left join totals as last_year
        on last_year.period_type = this_year.period_type
        and last_year.scope_type = this_year.scope_type
        and last_year.scope_id = this_year.scope_id
        and last_year.period_start_date = this_year.previous_year_start_date
)

select
    *,
    100 * {{ ratio('spend_change_usd', 'previous_year_spend_usd') }} as spend_change_pct
from compared
