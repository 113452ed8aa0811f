{#- Each budget on each day: the period to date. An hourly budget has one row a day, its most expensive hour, so that
    whoever reads days misses no hour that went over. -#}
with
    budget_days as (select * from {{ ref("int_budget_days") }}),

    spent as (
        select
            budget_days.budget_id,
            budget_days.usage_date,
            {{ money_sum("spend.spend_usd") }} as spend_to_date_usd,
            {{ money_sum("case when spend.usage_date = budget_days.usage_date then spend.spend_usd end") }}
            as spend_usd,
            sum(case when spend.usage_date = budget_days.usage_date then 1 else 0 end) as day_row_count,
            cast(sum(spend.unknown_cost_item_count) as bigint) as unknown_cost_item_count,
            min(spend.least_cost_basis) as least_cost_basis,
            max(spend.greatest_cost_basis) as greatest_cost_basis
        from budget_days
        inner join
            {{ ref("int_budget_spend_daily") }} as spend
            on spend.scope_type = budget_days.scope_type
            and spend.counts = budget_days.counts
            and coalesce(spend.scope_id, '') = coalesce(budget_days.scope_id, '')
            and spend.usage_date between budget_days.period_start_date and budget_days.usage_date
        group by 1, 2
    ),

    by_day as (
        select
            budget_days.*,
            {% if reporting_zone_is_utc() -%} cast(budget_days.period_start_date as timestamp) as period_start_at_utc,
            {%- else -%}
                case
                    when budget_days.day_time_zone = 'UTC'
                    then cast(budget_days.period_start_date as timestamp)
                    else {{ reporting_day_start("budget_days.period_start_date") }}
                end as period_start_at_utc,
            {%- endif %}
            case
                when spent.budget_id is null then cast(0 as decimal(38, 12)) else spent.spend_to_date_usd
            end as spend_to_date_usd,
            case
                when coalesce(spent.day_row_count, 0) = 0 then cast(0 as decimal(38, 12)) else spent.spend_usd
            end as spend_usd,
            coalesce(spent.unknown_cost_item_count, 0) as unknown_cost_item_count,
            {{ one_or_mixed("spent.least_cost_basis", "spent.greatest_cost_basis") }} as cost_basis
        from budget_days
        left join spent on spent.budget_id = budget_days.budget_id and spent.usage_date = budget_days.usage_date
    ),

    hours as (
        select
            *,
            row_number() over (
                partition by budget_id, usage_date
                order by coalesce(spend_usd, 0) - coalesce(amount_usd, 0) desc, spend_usd desc, usage_hour_utc
            ) as hour_rank
        from {{ ref("int_budget_status_hourly") }}
    )

    {% set shared -%}
    budget_id, budget_name, owner, scope_type, scope_id, period, day_time_zone, amount, currency, amount_usd, counts,
    thresholds_pct, alert_thresholds_pct, alert_projected_pct, usage_date
    {%- endset %}
select
    {{ shared }},
    period_start_at_utc,
    period_start_date,
    next_period_date,
    days_elapsed,
    days_in_period,
    spend_usd,
    spend_to_date_usd,
    unknown_cost_item_count,
    cost_basis
from by_day
union all
select
    {{ shared }},
    usage_hour_utc,
    usage_date,
    cast(usage_date + interval '1' day as date),
    cast(1 as bigint),
    cast(1 as bigint),
    spend_usd,
    spend_usd,
    unknown_cost_item_count,
    'contracted'
from hours
where hour_rank = 1
