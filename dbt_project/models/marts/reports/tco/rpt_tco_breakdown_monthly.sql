{#- The same total by category, provider, group and behaviour, one-time items in each of them. -#}
with
    dimensions as (
        {%- for dimension, column in [
            ("category", "category"),
            ("cost_group", "cost_group"),
            ("provider", "coalesce(provider_id, 'other')"),
            ("cost_component", "cost_component"),
        ] %}
            select
                month_start_date,
                '{{ dimension }}' as dimension,
                {{ column }} as member,
                cost_usd,
                unknown_cost_item_count
            from {{ ref("fct_tco_monthly") }} {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    members as (
        select
            month_start_date,
            dimension,
            member,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from dimensions
        group by 1, 2, 3
    )

select
    {{ surrogate_key(["month_start_date", "dimension", "member"]) }} as tco_breakdown_key,
    month_start_date,
    dimension,
    member,
    cost_usd,
    cast(cost_usd * 12 as decimal(38, 12)) as annualized_cost_usd,
    {{ percent("cost_usd", "sum(cost_usd) over (partition by month_start_date, dimension)") }} as cost_pct,
    unknown_cost_item_count
from members
