{#- Which version of a budget is held against which period on each day there is spend of. Periods are calendar periods of
    UTC days and reset by themselves; a custom period is the validity of its row. Hours have a fact of their own. -#}
with bounds as (
    select min(usage_date) as first_day, max(usage_date) as last_day
    from {{ ref('fct_allocated_costs_daily') }}
),

days as (
    select dates.date_day as usage_date
    from {{ ref('dim_dates') }} as dates
    inner join bounds
        on dates.date_day between bounds.first_day and bounds.last_day
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
    from {{ ref('int_budgets') }} as budgets
    inner join days
        on {{ valid_on('budgets', 'days.usage_date') }}
    where budgets.period <> 'hour'
),

bounded as (
    select
        budget_id, budget_name, owner, scope_type, scope_id, period, amount, currency, amount_usd, thresholds_pct, usage_date,
        case
            when period = 'custom' then cast(valid_from_utc as date)
            else cast(date_trunc(calendar_period, usage_date) as date)
        end as period_start_date,
        case
            when period = 'custom' then cast(valid_to_utc as date)
            else cast(date_trunc(calendar_period, usage_date) + {{ period_length('calendar_period') }} as date)
        end as next_period_date
    from valid
    where version_rank = 1
)

select
    *,
    cast({{ days_between('period_start_date', 'usage_date') }} + 1 as bigint) as days_elapsed,
    cast({{ days_between('period_start_date', 'next_period_date') }} as bigint) as days_in_period
from bounded
