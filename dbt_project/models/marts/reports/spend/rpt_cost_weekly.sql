with
    daily as (select * from {{ ref("rpt_cost_daily") }}),

    weekly as (
        select
            cast({{ dbt.date_trunc("week", "usage_date") }} as date) as week_start_date,
            provider_id,
            model_id,
            team_id,
            project_id,
            cost_center_id,
            cost_kind,
            {{ sum_cost_measures() }}
        from daily
        group by 1, 2, 3, 4, 5, 6, 7
    )

select
    {{
        surrogate_key(
            ["week_start_date", "provider_id", "model_id", "team_id", "project_id", "cost_center_id", "cost_kind"]
        )
    }} as cost_weekly_key,
    cast(extract(year from {{ dbt.dateadd("day", 3, "week_start_date") }}) as string)
    || '-W'
    || lpad(cast(extract(week from week_start_date) as string), 2, '0') as iso_week,
    *
from weekly
