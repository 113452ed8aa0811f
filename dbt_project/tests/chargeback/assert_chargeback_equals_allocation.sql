{{ config(meta={"dagster": {"ref": {"name": "fct_chargeback_lines"}}}) }}
with
    charged as (
        select
            charge_period_date,
            cost_center_id,
            coalesce(team_id, '') as team_id,
            sum(amount_usd) as amount_usd,
            sum(unknown_cost_item_count) as unknown_items
        from {{ ref("fct_chargeback_lines") }}
        group by 1, 2, 3
    ),

    allocated as (
        select
            {{ month_of("usage_date") }} as charge_period_date,
            cost_center_id,
            coalesce(team_id, '') as team_id,
            sum(allocated_cost_usd) as amount_usd,
            sum(unknown_cost_item_count) as unknown_items
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3
    )

select
    coalesce(charged.charge_period_date, allocated.charge_period_date) as charge_period_date,
    coalesce(charged.cost_center_id, allocated.cost_center_id) as cost_center_id,
    charged.amount_usd as charged_usd,
    allocated.amount_usd as allocated_usd
from charged
full outer join
    allocated
    on allocated.charge_period_date = charged.charge_period_date
    and allocated.cost_center_id = charged.cost_center_id
    and allocated.team_id = charged.team_id
where
    coalesce(charged.amount_usd, 0) <> coalesce(allocated.amount_usd, 0)
    or coalesce(charged.unknown_items, 0) <> coalesce(allocated.unknown_items, 0)
