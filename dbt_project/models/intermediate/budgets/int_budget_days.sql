{#- Which version of a budget is held against which period on each day there is spend of. Periods are calendar periods
    of days of the budget's zone and reset by themselves; a custom period is the validity of its row. The rate of its
    first day converts a whole period. Hours have a fact of their own. -#}
-- depends_on: {{ ref('int_llm_usage_reporting_daily') }}
with
    bounds as (
        select cast('UTC' as string) as day_time_zone, min(usage_date) as first_day, max(usage_date) as last_day
        from {{ ref("int_allocated_costs_daily") }}
        {%- if not reporting_zone_is_utc() %}
            union all
            select day_time_zone, min(usage_date), max(usage_date)
            from
                (
                    select
                        cast('{{ var("reporting_time_zone") }}' as string) as day_time_zone,
                        {{ reporting_date("cast(usage_date as timestamp)") }} as usage_date
                    from (select distinct usage_date from {{ ref("int_allocated_costs_daily") }}) as spend_days
                    union all
                    select distinct day_time_zone, reporting_date
                    from {{ ref("int_llm_usage_reporting_daily") }}
                ) as reporting_days
            group by 1
        {%- endif %}
    ),

    days as (
        select bounds.day_time_zone, dates.date_day as usage_date
        from {{ ref("int_dates") }} as dates
        inner join bounds on dates.date_day between bounds.first_day and bounds.last_day
    ),

    valid as (
        select
            budgets.*,
            days.usage_date,
            case when budgets.period = 'custom' then 'day' else budgets.period end as calendar_period,
            row_number() over (
                partition by budgets.budget_id, days.usage_date
                order by budgets.valid_from_utc desc, budgets.amount, budgets.currency
            ) as version_rank
        from {{ ref("int_budgets") }} as budgets
        inner join days on days.day_time_zone = budgets.day_time_zone and {{ valid_on("budgets", "days.usage_date") }}
        where budgets.period <> 'hour'
    ),

    bounded as (
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
            usage_date,
            case
                when period = 'custom'
                then cast(valid_from_utc as date)
                else cast(date_trunc(calendar_period, usage_date) as date)
            end as period_start_date,
            case
                when period = 'custom'
                then cast(valid_to_utc as date)
                else {{ next_period_date("calendar_period", "usage_date") }}
            end as next_period_date
        from valid
        where version_rank = 1
    )

select
    bounded.budget_id,
    bounded.budget_name,
    bounded.owner,
    bounded.scope_type,
    bounded.scope_id,
    bounded.period,
    bounded.day_time_zone,
    bounded.amount,
    bounded.currency,
    {{ budget_in_usd("bounded", "rates") }} as amount_usd,
    bounded.counts,
    bounded.thresholds_pct,
    bounded.alert_thresholds_pct,
    bounded.alert_projected_pct,
    bounded.usage_date,
    bounded.period_start_date,
    bounded.next_period_date,
    cast({{ days_between("bounded.period_start_date", "bounded.usage_date") }} + 1 as bigint) as days_elapsed,
    cast({{ days_between("bounded.period_start_date", "bounded.next_period_date") }} as bigint) as days_in_period
from bounded
left join
    {{ ref("int_fx_rates") }} as rates
    on rates.currency = bounded.currency
    and {{ valid_on("rates", "bounded.period_start_date") }}
