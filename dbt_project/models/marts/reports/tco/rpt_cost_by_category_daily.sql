{#- All spend by day and category of total cost of ownership: what fct_tco_monthly has by month. -#}
with
    parts as (
        select usage_date, cost_kind, category, provider_id, cost_usd, unknown_cost_item_count
        from {{ ref("int_provider_costs_daily") }}
        union all
        select
            usage_date,
            {{ own_cost_kind("category") }},
            category,
            provider_name,
            cost_usd,
            cast(case when cost_usd is null then 1 else 0 end as bigint)
        from {{ ref("int_tco_costs_daily") }}
    ),

    daily as (
        select
            usage_date,
            cost_kind,
            category,
            provider_id,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from parts
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["usage_date", "cost_kind", "category", "provider_id"]) }} as cost_by_category_key,
    usage_date,
    {{ cost_group("cost_kind", "category") }} as cost_group,
    category,
    cost_kind,
    provider_id,
    cost_usd,
    unknown_cost_item_count
from daily
