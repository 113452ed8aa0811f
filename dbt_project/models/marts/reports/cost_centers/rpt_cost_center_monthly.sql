{#
  Every dollar is somebody's own spend exactly once; a cost center's total adds what its descendants spent, so a
  parent equals its own spend plus the totals of its children, and the roots together equal all spend. The tree of
  each day decides: a cost center that moves within a month has two rows for it, one in each place, so that
  neither parent loses or gains a day. Rows are places in the tree: month × path.
#}
with
    own_spend as (
        select
            usage_date,
            {{ month_of("usage_date") }} as month_start_date,
            cost_center_id,
            cost_kind,
            {{ money_sum("spend_usd") }} as spend_usd,
            {{ money_sum("billed_spend_usd") }} as billed_spend_usd
        from {{ ref("rpt_cost_daily") }}
        group by 1, 2, 3, 4
    ),

    rolled_up as (
        select
            own_spend.month_start_date,
            coalesce(lineage.ancestor_id, own_spend.cost_center_id) as cost_center_id,
            coalesce(lineage.ancestor_path, own_spend.cost_center_id) as path,
            {{ money_sum("own_spend.spend_usd") }} as total_spend_usd,
            {{ money_sum("own_spend.billed_spend_usd") }} as total_billed_spend_usd,
            {{- kind_columns("own_spend.spend_usd", "total_spend_usd", "own_spend.cost_kind") }},
            {{ money_sum("case when coalesce(lineage.distance, 0) > 0 then own_spend.spend_usd end") }}
            as descendants_spend_usd,
            {{ money_sum("case when coalesce(lineage.distance, 0) = 0 then own_spend.spend_usd end") }}
            as own_spend_usd,
            max(case when coalesce(lineage.distance, 0) = 0 then 1 else 0 end) = 1 as has_own_rows,
            max(own_spend.usage_date) as last_usage_date
        from own_spend
        left join
            {{ ref("int_cost_center_ancestors") }} as lineage
            on lineage.cost_center_id = own_spend.cost_center_id
            and {{ valid_on("lineage", "own_spend.usage_date") }}
        group by 1, 2, 3
    )

select
    rolled_up.month_start_date,
    rolled_up.cost_center_id,
    positions.cost_center_name,
    positions.parent_cost_center_id,
    coalesce(positions.depth, 0) as depth,
    rolled_up.path,
    positions.parent_path,
    positions.owner,
    case when rolled_up.has_own_rows then rolled_up.own_spend_usd else cast(0 as decimal(38, 12)) end as own_spend_usd,
    coalesce(rolled_up.descendants_spend_usd, cast(0 as decimal(38, 12))) as descendants_spend_usd,
    rolled_up.total_spend_usd,
    rolled_up.total_billed_spend_usd,
    rolled_up.llm_total_spend_usd,
    rolled_up.infrastructure_total_spend_usd,
    rolled_up.own_total_spend_usd
from rolled_up
left join
    {{ ref("int_cost_center_positions") }} as positions
    on positions.cost_center_id = rolled_up.cost_center_id
    and {{ valid_on("positions", "rolled_up.last_usage_date") }}
