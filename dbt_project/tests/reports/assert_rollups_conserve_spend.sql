{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_daily"}}}) }}
with
    allocated as (select coalesce(sum(allocated_cost_usd), 0) as spend_usd from {{ ref("fct_allocated_costs_daily") }}),

    rollups as (
        {%- for model in ["rpt_cost_daily", "rpt_cost_weekly", "rpt_cost_monthly"] %}
            select '{{ model }}' as rollup, sum(spend_usd) as spend_usd
            from {{ ref(model) }}
            union all
        {%- endfor %}
        select
            'rpt_model_comparison',
            (select coalesce(sum(spend_usd), 0) from {{ ref("rpt_model_comparison") }} where period_type = 'all_time')
            + coalesce(sum(case when cost_kind <> 'llm' then allocated_cost_usd end), 0)
        from {{ ref("fct_allocated_costs_daily") }}
        union all
        select 'rpt_cost_center_monthly', sum(own_spend_usd)
        from {{ ref("rpt_cost_center_monthly") }}
        union all
        select 'rpt_spend_series_daily cost_kind', sum(spend_usd)
        from {{ ref("rpt_spend_series_daily") }}
        where scope_type = 'cost_kind'
        union all
        -- The other series are of LLM spend: with what they leave out they are all spend.
        select 'rpt_spend_series_daily ' || scope_type, coalesce(sum(series.spend_usd), 0) + max(besides.spend_usd)
        from {{ ref("rpt_spend_series_daily") }} as series
        cross join
            (
                select coalesce(sum(allocated_cost_usd), 0) as spend_usd
                from {{ ref("fct_allocated_costs_daily") }}
                where cost_kind <> 'llm'
            ) as besides
        where scope_type <> 'cost_kind'
        group by scope_type
        union all
        select 'rpt_spend_ranking_monthly ' || scope_type, sum(spend_usd)
        from {{ ref("rpt_spend_ranking_monthly") }}
        group by scope_type
    )

select rollups.rollup, rollups.spend_usd, allocated.spend_usd as allocated_spend_usd
from rollups
cross join allocated
where coalesce(rollups.spend_usd, 0) <> allocated.spend_usd
