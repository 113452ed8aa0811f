{#- The allocation of today, by the month of its charges and the grain of a statement line. Months that were closed
    before statements told kinds of money apart are compared without them: their frozen lines have none. -#}
with
    without_kinds as (
        select distinct charge_period_date from {{ ref("stg_ledger__closed_lines") }} where cost_kind is null
    ),

    costs as (select *, {{ month_of("usage_date") }} as charge_period_date from {{ ref("int_allocated_costs_daily") }})

select
    costs.charge_period_date,
    costs.cost_center_id,
    coalesce(costs.team_id, '') as team_id,
    coalesce(costs.provider_id, '') as provider_id,
    coalesce(costs.charge_category, 'Usage') as category,
    case when without_kinds.charge_period_date is null then costs.cost_kind else '' end as cost_kind,
    {{ allocation_type("costs.allocation_method") }} as allocation_type,
    {{ money_sum("costs.allocated_cost_usd") }} as amount_usd,
    cast(sum(costs.request_count) as bigint) as request_count,
    cast(sum(costs.unknown_cost_item_count) as bigint) as unknown_cost_item_count
from costs
left join without_kinds on without_kinds.charge_period_date = costs.charge_period_date
group by 1, 2, 3, 4, 5, 6, 7
