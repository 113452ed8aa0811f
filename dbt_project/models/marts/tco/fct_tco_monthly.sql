select
    {{ surrogate_key([month_of("usage_date"), "item_id", "cost_component"]) }} as tco_monthly_key,
    {{ month_of("usage_date") }} as month_start_date,
    category,
    item_id,
    max(item_name) as item_name,
    max(cost_behavior) as cost_behavior,
    cost_component,
    max(vendor_name) as vendor_name,
    cast(count(*) as bigint) as day_count,
    {{ money_sum("cost_usd") }} as cost_usd,
    cast(count(*) - count(cost_usd) as bigint) as unknown_cost_item_count
from {{ ref("int_tco_costs_daily") }}
group by 1, 2, 3, 4, 7
