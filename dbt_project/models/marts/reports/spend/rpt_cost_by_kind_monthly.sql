{#- The kinds of money side by side. A kind that a row has nothing of is 0, one of wholly unknown cost NULL; what is
    known of the three sums to the total, exactly. -#}
select
    {{ surrogate_key([month_of("usage_date"), "cost_center_id", "team_id"]) }} as cost_by_kind_key,
    {{ month_of("usage_date") }} as month_start_date,
    cost_center_id,
    team_id,
    {{- kind_columns("allocated_cost_usd") }},
    {{ kind_sum("gpu", "case when cost_kind = 'infrastructure' then allocated_cost_usd end", "spend_item_type") }}
    as gpu_telemetry_spend_usd,
    {{ money_sum("allocated_cost_usd") }} as total_spend_usd,
    cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
from {{ ref("fct_allocated_costs_daily") }}
group by {{ month_of("usage_date") }}, cost_center_id, team_id
