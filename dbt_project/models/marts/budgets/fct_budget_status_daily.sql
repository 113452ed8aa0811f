{#- Periods are calendar periods in UTC and reset by themselves. Where a budget changes within a period, each day is
    held against the amount valid on it; spend counts from the start of the period. -#}
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

budget_days as (
    select
        budgets.*,
        days.usage_date,
        cast(date_trunc(budgets.period, days.usage_date) as date) as period_start_date,
        cast(date_trunc(budgets.period, days.usage_date) + {{ period_length('budgets.period') }} as date) as next_period_date,
        row_number() over (partition by budgets.budget_id, days.usage_date order by budgets.valid_from_utc desc, budgets.amount_usd) as version_rank
    from {{ ref('int_budgets') }} as budgets
    inner join days
        on {{ valid_on('budgets', 'days.usage_date') }}
    where budgets.period in ('day', 'week', 'month', 'quarter', 'year')
),

spent as (
    select
        budget_days.budget_id,
        budget_days.usage_date,
        {{ money_sum('spend.spend_usd') }} as spend_to_date_usd,
        {{ money_sum('case when spend.usage_date = budget_days.usage_date then spend.spend_usd end') }} as spend_usd
    from budget_days
    inner join {{ ref('int_budget_spend_daily') }} as spend
        on spend.scope_type = budget_days.scope_type
        and coalesce(spend.scope_id, '') = coalesce(budget_days.scope_id, '')
        and spend.usage_date between budget_days.period_start_date and budget_days.usage_date
    where budget_days.version_rank = 1
    group by 1, 2
),

measured as (
    select
        budget_days.*,
        coalesce(spent.spend_to_date_usd, cast(0 as decimal(38, 12))) as spend_to_date_usd,
        coalesce(spent.spend_usd, cast(0 as decimal(38, 12))) as spend_usd,
        cast({{ days_between('budget_days.period_start_date', 'budget_days.usage_date') }} + 1 as bigint) as days_elapsed,
        cast({{ days_between('budget_days.period_start_date', 'budget_days.next_period_date') }} as bigint) as days_in_period
    from budget_days
    left join spent
        on spent.budget_id = budget_days.budget_id
        and spent.usage_date = budget_days.usage_date
    where budget_days.version_rank = 1
),

projected as (
    select
        *,
        {{ ratio('spend_to_date_usd * days_in_period', 'days_elapsed') }} as projected_spend_usd
    from measured
),

thresholds as (
    select
        projected.budget_id,
        projected.usage_date,
        cast(max(marks.threshold_pct) as decimal(38, 12)) as crossed_threshold_pct
    from projected
    inner join {{ ref('int_budget_thresholds') }} as marks
        on marks.thresholds_pct = projected.thresholds_pct
        and projected.spend_to_date_usd * 100 >= projected.amount_usd * marks.threshold_pct
        and projected.spend_to_date_usd > 0
    group by 1, 2
)

select
    {{ surrogate_key(['projected.budget_id', 'projected.usage_date']) }} as budget_status_key,
    projected.budget_id,
    projected.budget_name,
    projected.owner,
    projected.scope_type,
    projected.scope_id,
    projected.period,
    projected.period_start_date,
    cast(projected.next_period_date - interval '1' day as date) as period_end_date,
    projected.usage_date,
    projected.amount_usd,
    projected.spend_usd,
    projected.spend_to_date_usd,
    projected.amount_usd - projected.spend_to_date_usd as remaining_usd,
    {{ ratio('projected.spend_to_date_usd * 100', 'projected.amount_usd') }} as utilization_pct,
    thresholds.crossed_threshold_pct,
    projected.projected_spend_usd,
    case
        when projected.spend_to_date_usd > projected.amount_usd then 'over_budget'
        when projected.projected_spend_usd > projected.amount_usd * 1.1 then 'projected_over'
        when projected.projected_spend_usd > projected.amount_usd then 'at_risk'
        when projected.projected_spend_usd > projected.amount_usd * 0.9 then 'on_track'
        else 'under_budget'
    end as status
from projected
left join thresholds
    on thresholds.budget_id = projected.budget_id
    and thresholds.usage_date = projected.usage_date
