{{ config(meta={"dagster": {"ref": {"name": "fct_allocated_costs_daily"}}}) }}
with
    expected as (select spend_item_key, spend_usd from {{ lines_to_allocate() }} as lines),

    parts as (
        {%- for model, amount in [
            ("int_portions_owned", "amount_usd"),
            ("int_portions_shared", "amount_usd"),
            ("fct_allocated_costs_daily", "allocated_cost_usd"),
        ] %}
            select '{{ model }}' as stage, spend_item_key, sum({{ amount }}) as spend_usd, sum(allocated_ratio) as ratio
            from {{ ref(model) }}
            where usage_date in (select usage_date from {{ ref("int_allocation_rebuild_days") }})
            group by 1, 2 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    stages as (select distinct stage from parts),

    days as (
        {%- for model, amount in [
            ("int_spend_items", "spend_usd"),
            ("int_spend_lines", "spend_usd"),
            ("fct_allocated_costs_daily", "allocated_cost_usd"),
        ] %}
            select '{{ model }}' as stage, usage_date, sum({{ amount }}) as spend_usd
            from {{ ref(model) }}
            group by 1, 2 {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select
    stages.stage, expected.spend_item_key as subject, expected.spend_usd, parts.spend_usd as allocated_usd, parts.ratio
from expected
cross join stages
left join parts on parts.spend_item_key = expected.spend_item_key and parts.stage = stages.stage
where
    parts.stage is null
    or parts.ratio <> 1
    or parts.spend_usd <> expected.spend_usd
    or (parts.spend_usd is null) <> (expected.spend_usd is null)
union all
select
    'day',
    cast(usage_date as string),
    max(case when stage = 'int_spend_items' then spend_usd end),
    min(spend_usd),
    count(*)
from days
group by usage_date
having count(*) <> 3 or count(spend_usd) not in (0, 3) or min(spend_usd) <> max(spend_usd)
