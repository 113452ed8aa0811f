{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_by_category_daily"}}}) }}
with
    differences as (
        select {{ month_of("usage_date") }} as month_start_date, category, cost_kind, cost_usd, unknown_cost_item_count
        from {{ ref("rpt_cost_by_category_daily") }}
        union all
        select month_start_date, category, cost_kind, - cost_usd, - unknown_cost_item_count
        from {{ ref("fct_tco_monthly") }}
    )

select
    month_start_date,
    category,
    cost_kind,
    sum(cost_usd) as cost_difference_usd,
    sum(unknown_cost_item_count) as unknown_cost_item_difference
from differences
group by 1, 2, 3
having coalesce(sum(cost_usd), 0) <> 0 or sum(unknown_cost_item_count) <> 0
