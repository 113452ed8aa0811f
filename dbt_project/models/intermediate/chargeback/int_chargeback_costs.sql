{#- The allocation of today, by the month of its charges and the grain of a statement line. -#}
select
    {{ month_of('usage_date') }} as charge_period_date,
    cost_center_id,
    coalesce(team_id, '') as team_id,
    coalesce(provider_id, '') as provider_id,
    coalesce(charge_category, 'Usage') as category,
    {{ allocation_type('allocation_method') }} as allocation_type,
    {{ money_sum('allocated_cost_usd') }} as amount_usd,
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
from {{ ref('fct_allocated_costs_daily') }}
group by 1, 2, 3, 4, 5, 6
