{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
with
    landed as (
        select
            cast(requested_at_utc as date) as usage_date,
            recorded_cost_kind,
            sum(recorded_cost_usd) as recorded_cost_usd
        from {{ ref("stg_events__requests") }}
        where recorded_cost_usd is not null
        group by 1, 2
    ),

    hourly as (
        select usage_date, recorded_cost_kind, sum(recorded_cost_usd) as recorded_cost_usd
        from {{ ref("fct_llm_usage_hourly") }}
        where recorded_cost_kind is not null
        group by 1, 2
    ),

    spent as (
        select usage_date, sum(recorded_cost_usd) as recorded_cost_usd
        from {{ ref("int_usage_recorded_spend") }}
        where cost_basis = 'recorded'
        group by 1
    )

select
    coalesce(landed.usage_date, hourly.usage_date) as usage_date,
    landed.recorded_cost_usd as landed_usd,
    hourly.recorded_cost_usd as hourly_usd,
    spent.recorded_cost_usd as spent_usd
from landed
full outer join
    hourly on hourly.usage_date = landed.usage_date and hourly.recorded_cost_kind = landed.recorded_cost_kind
left join spent on spent.usage_date = landed.usage_date
where
    coalesce(landed.usage_date, hourly.usage_date) not in (select usage_date from {{ ref("int_report_coverage") }})
    and (
        landed.recorded_cost_usd is distinct from hourly.recorded_cost_usd
        or (landed.recorded_cost_kind = 'charge' and landed.recorded_cost_usd is distinct from spent.recorded_cost_usd)
    )
