{#
  Every dollar is somebody's own spend exactly once; a cost center's total adds what its descendants spent, so a
  parent equals its own spend plus the totals of its children, and the roots together equal all spend. The tree is
  the one valid today: a reorganisation moves the totals of past months too, never anybody's own spend.
#}
with own_spend as (
    select
        month_start_date,
        cost_center_id,
        {{ money_sum('spend_usd') }} as spend_usd,
        {{ money_sum('billed_spend_usd') }} as billed_spend_usd
    from {{ ref('rpt_cost_monthly') }}
    group by 1, 2
),

cost_centers as (
    select * from {{ ref('dim_cost_centers') }}
),

lineage as (
    select * from {{ ref('int_cost_center_ancestors') }}
),

rolled_up as (
    select
        own_spend.month_start_date,
        coalesce(lineage.ancestor_id, own_spend.cost_center_id) as cost_center_id,
        {{ money_sum('own_spend.spend_usd') }} as total_spend_usd,
        {{ money_sum('own_spend.billed_spend_usd') }} as total_billed_spend_usd,
        {{ money_sum('case when coalesce(lineage.distance, 0) > 0 then own_spend.spend_usd end') }}
            as descendants_spend_usd,
        max(case when coalesce(lineage.distance, 0) = 0 then 1 else 0 end) = 1 as has_own_rows
    from own_spend
    left join lineage on lineage.cost_center_id = own_spend.cost_center_id
    group by 1, 2
)

select
    rolled_up.month_start_date,
    rolled_up.cost_center_id,
    cost_centers.cost_center_name,
    cost_centers.parent_cost_center_id,
    coalesce(cost_centers.depth, 0) as depth,
    coalesce(cost_centers.path, rolled_up.cost_center_id) as path,
    cost_centers.owner,
    case when rolled_up.has_own_rows then own_spend.spend_usd else cast(0 as decimal(38, 12)) end as own_spend_usd,
    coalesce(rolled_up.descendants_spend_usd, cast(0 as decimal(38, 12))) as descendants_spend_usd,
    rolled_up.total_spend_usd,
    rolled_up.total_billed_spend_usd
from rolled_up
left join own_spend
    on own_spend.month_start_date = rolled_up.month_start_date
    and own_spend.cost_center_id = rolled_up.cost_center_id
left join cost_centers on cost_centers.cost_center_id = rolled_up.cost_center_id
