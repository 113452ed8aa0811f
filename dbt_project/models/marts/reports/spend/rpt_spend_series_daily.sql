{#
  The daily series that moving averages, running totals and year-over-year figures read, so that they agree on
  what a day without spend means: zero between a series' first and last day, no row outside of them, and NULL
  where the day has nothing but usage whose cost is unknown (no price) or booked elsewhere (under a bill).
  Series are of LLM spend; what else there is has the scope cost_kind, so that salaries move no model's trend.
#}
{% set scope_ids = {
    "total": "'all'",
    "provider": "coalesce(provider_id, 'none')",
    "model": "coalesce(model_id, 'none')",
    "team": "coalesce(team_id, 'unallocated')",
    "project": "coalesce(project_id, 'none')",
    "cost_center": "cost_center_id",
    "cost_kind": "cost_kind",
} %}
with
    daily as (select * from {{ ref("rpt_cost_daily") }}),

    scoped as (
        {%- for scope_type, scope_id in scope_ids.items() %}
            {{ 'union all' if not loop.first }}
            select '{{ scope_type }}' as scope_type, {{ scope_id }} as scope_id, usage_date, spend_usd
            from daily
            {%- if scope_type != "cost_kind" %} where cost_kind = 'llm' {%- endif %}
        {%- endfor %}
    ),

    observed_days as (
        select scope_type, scope_id, usage_date, cast(sum(spend_usd) as decimal(38, 12)) as spend_usd
        from scoped
        group by 1, 2, 3
    ),

    observed_ranges as (
        select scope_type, scope_id, min(usage_date) as first_date, max(usage_date) as last_date
        from observed_days
        group by 1, 2
    ),

    calendar as (select date_day from {{ ref("dim_dates") }}),

    filled as (
        select
            observed_ranges.scope_type,
            observed_ranges.scope_id,
            calendar.date_day as usage_date,
            observed_days.usage_date is not null as is_observed,
            case
                when observed_days.usage_date is null then cast(0 as decimal(38, 12)) else observed_days.spend_usd
            end as spend_usd
        from observed_ranges
        inner join calendar on calendar.date_day between observed_ranges.first_date and observed_ranges.last_date
        left join
            observed_days
            on observed_days.scope_type = observed_ranges.scope_type
            and observed_days.scope_id = observed_ranges.scope_id
            and observed_days.usage_date = calendar.date_day
    )

select
    scope_type || ':' || scope_id as series_id,
    scope_type,
    scope_id,
    {{ series_cost_kind() }} as cost_kind,
    usage_date,
    is_observed,
    spend_usd
from filled
