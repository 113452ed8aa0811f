{#
   What a project earns and what it spends, by kind of money. Revenue is the month's as projects.csv states it at the
   end of the month; a project without revenue has no margin and no return, which is not the same as none.
#}
with
    spend as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            coalesce(owner_project_id, project_id) as project_id,
            {{ money_sum("allocated_cost_usd") }} as spend_usd,
            cast(sum(request_count) as bigint) as request_count,
            {%- for kind in ["llm", "infrastructure", "own"] %}
                {{ money_sum("case when cost_kind = '" ~ kind ~ "' then allocated_cost_usd end") }}
                as {{ kind }}_spend_usd{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("fct_allocated_costs_daily") }}
        where coalesce(owner_project_id, project_id) is not null
        group by 1, 2
    ),

    revenues as (
        select
            spend.month_start_date,
            spend.project_id,
            projects.project_name,
            projects.team_id,
            projects.monthly_revenue_usd,
            row_number() over (
                partition by spend.month_start_date, spend.project_id order by projects.valid_from_utc desc
            ) as newest
        from spend
        inner join
            {{ ref("stg_org__projects") }} as projects
            on projects.project_id = spend.project_id
            and projects.valid_from_utc < cast({{ dbt.dateadd("month", 1, "spend.month_start_date") }} as timestamp)
            and projects.valid_to_utc > cast(spend.month_start_date as timestamp)
    ),

    joined as (
        select
            spend.month_start_date,
            spend.project_id,
            revenues.project_name,
            revenues.team_id,
            spend.spend_usd,
            spend.llm_spend_usd,
            spend.infrastructure_spend_usd,
            spend.own_spend_usd,
            spend.request_count,
            revenues.monthly_revenue_usd,
            cast(revenues.monthly_revenue_usd - spend.spend_usd as decimal(38, 12)) as margin_usd
        from spend
        left join
            revenues
            on revenues.month_start_date = spend.month_start_date
            and revenues.project_id = spend.project_id
            and revenues.newest = 1
    )

select
    {{ surrogate_key(["month_start_date", "project_id"]) }} as project_margin_key,
    month_start_date,
    project_id,
    project_name,
    team_id,
    spend_usd,
    llm_spend_usd,
    infrastructure_spend_usd,
    own_spend_usd,
    monthly_revenue_usd,
    margin_usd,
    {{ ratio("margin_usd", "case when spend_usd > 0 then spend_usd end") }} as return_on_spend_ratio,
    request_count,
    {{ ratio("llm_spend_usd", "request_count", 12) }} as llm_spend_usd_per_request
from joined
