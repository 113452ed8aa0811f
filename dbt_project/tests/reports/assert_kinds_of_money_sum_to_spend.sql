{{ config(meta={"dagster": {"ref": {"name": "rpt_executive_summary"}}}) }}
{%- set kinds = "coalesce(llm_spend_usd, 0) + coalesce(infrastructure_spend_usd, 0) + coalesce(own_spend_usd, 0)" %}
with
    booked as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            cost_center_id,
            team_id,
            coalesce(sum(allocated_cost_usd), 0) as spend_usd
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3
    ),

    shown as (
        select
            month_start_date,
            cost_center_id,
            team_id,
            {{ kinds }} as kinds_usd,
            coalesce(total_spend_usd, 0) as total_usd
        from {{ ref("rpt_cost_by_kind_monthly") }}
    )

select 'rpt_cost_by_kind_monthly' as view_name, cast(shown.month_start_date as string) as subject
from shown
full outer join
    booked
    on booked.month_start_date = shown.month_start_date
    and booked.cost_center_id = shown.cost_center_id
    and coalesce(booked.team_id, '') = coalesce(shown.team_id, '')
where
    shown.total_usd is null
    or booked.spend_usd is null
    or shown.kinds_usd <> shown.total_usd
    or shown.total_usd <> booked.spend_usd
union all
select 'rpt_cost_by_dimension_monthly', dimension || ' ' || coalesce(dimension_id, '')
from {{ ref("rpt_cost_by_dimension_monthly") }}
where {{ kinds }} <> coalesce(spend_usd, 0)
union all
select 'rpt_executive_summary', cast(month_start_date as string)
from {{ ref("rpt_executive_summary") }}
where {{ kinds }} <> coalesce(spend_usd, 0)
union all
select 'rpt_cost_center_monthly', path
from {{ ref("rpt_cost_center_monthly") }}
where
    coalesce(llm_total_spend_usd, 0) + coalesce(infrastructure_total_spend_usd, 0) + coalesce(own_total_spend_usd, 0)
    <> coalesce(total_spend_usd, 0)
