{{ config(meta={"dagster": {"ref": {"name": "focus_allocated_cost_and_usage"}}}) }}
with
    allocated as (
        select
            allocated_cost_key,
            spend_item_key,
            usage_date,
            provider_id,
            coalesce(allocated_cost_usd, 0) as cost_usd,
            sum(coalesce(allocated_cost_usd, 0)) over (partition by spend_item_key) as line_cost_usd
        from {{ ref("fct_allocated_costs_daily") }}
        where spend_item_type = 'charge' and allocation_stage <> 'overhead'
    ),

    shown as (
        select "x_AllocatedCostKey" as allocated_cost_key, coalesce(sum("x_BilledCostUsd"), 0) as cost_usd
        from {{ ref("focus_allocated_cost_and_usage") }}
        group by 1
    ),

    compared as (
        select
            allocated.*,
            coalesce(shown.cost_usd, 0) as shown_cost_usd,
            sum(coalesce(shown.cost_usd, 0)) over (partition by allocated.spend_item_key) as shown_line_cost_usd
        from allocated
        left join shown on shown.allocated_cost_key = allocated.allocated_cost_key
    ),

    planned as (
        select distinct charge_date, provider_id
        from {{ ref("fct_charges") }}
        where line_type in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
    )

select compared.allocated_cost_key, compared.cost_usd, compared.shown_cost_usd
from compared
left join planned on planned.charge_date = compared.usage_date and planned.provider_id = compared.provider_id
where
    -- FOCUS shares out what was billed.
    '{{ var("allocation_basis") }}' = 'billed'
    and compared.cost_usd <> compared.shown_cost_usd
    and (planned.charge_date is null or compared.line_cost_usd = compared.shown_line_cost_usd)
