{{ config(meta={'dagster': {'ref': {'name': 'fct_allocated_costs_daily'}}}) }}
-- No stage loses or doubles a dollar of any spend item, and its ratios sum to 1.
with expected as (
    select spend_item_key, spend_usd from {{ ref('int_spend_lines') }}
),

parts as (
    {%- for model, amount in [
        ('int_portions_owned', 'amount_usd'), ('int_portions_fixed', 'amount_usd'), ('int_portions_shared', 'amount_usd'),
        ('int_portions_served', 'amount_usd'), ('int_portions_loaded', 'amount_usd'), ('fct_allocated_costs_daily', 'allocated_cost_usd')
    ] %}
    select '{{ model }}' as stage, spend_item_key, sum({{ amount }}) as spend_usd, sum(allocated_ratio) as ratio
    from {{ ref(model) }}
    group by 1, 2
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

items as (
    select sum(spend_usd) as spend_usd from {{ ref('int_spend_items') }}
)

select parts.stage, expected.spend_item_key, expected.spend_usd, parts.spend_usd as allocated_usd, parts.ratio
from expected
left join parts
    on parts.spend_item_key = expected.spend_item_key
where
    parts.stage is null
    or parts.ratio <> 1
    or parts.spend_usd <> expected.spend_usd
    or (parts.spend_usd is null) <> (expected.spend_usd is null)
union all
select 'int_spend_lines', null, items.spend_usd, sum(expected.spend_usd), 1
from items
cross join expected
group by items.spend_usd
having coalesce(items.spend_usd, 0) <> coalesce(sum(expected.spend_usd), 0)
