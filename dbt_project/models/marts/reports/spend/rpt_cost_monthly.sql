with
    daily as (select * from {{ ref("rpt_cost_daily") }}),

    monthly as (
        select
            {{ month_of("usage_date") }} as month_start_date,
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
            ["month_start_date", "provider_id", "model_id", "team_id", "project_id", "cost_center_id", "cost_kind"]
        )
    }} as cost_monthly_key, *
from monthly
