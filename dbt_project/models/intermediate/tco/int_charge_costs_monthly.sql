{#- Charges by month, service and category of total cost of ownership, with what infrastructure reports ask of them:
    how many machines, how much of it was committed, how many GB-months. By the cost that owners carry. -#}
select
    month_start_date,
    provider_id,
    service_name,
    category,
    cost_kind,
    case when charge_category = 'Purchase' then 'fixed' else 'variable' end as cost_behavior,
    cast(count(distinct charge_date) as bigint) as day_count,
    {{ money_sum("spend_usd") }} as cost_usd,
    cast(count(*) - count(spend_usd) as bigint) as unknown_cost_item_count,
    cast(count(distinct case when charge_category = 'Usage' then resource_id end) as bigint) as resource_count,
    {{ money_sum("case when is_committed then effective_usd end") }} as committed_cost_usd,
    {{ money_sum("effective_usd") }} as effective_cost_usd,
    cast(
        sum(
            case
                when
                    category = 'data_storage'
                    and translate(lower(coalesce(consumed_unit, pricing_unit)), '-_/ ', '    ')
                    in ('gb mo', 'gb month', 'gb months', 'gbmonth', 'gib month', 'gib months', 'gibibyte month')
                then coalesce(consumed_quantity, pricing_quantity)
            end
        ) as decimal(38, 12)
    ) as storage_gb_months
from {{ ref("int_charges_by_category") }}
group by 1, 2, 3, 4, 5, 6
