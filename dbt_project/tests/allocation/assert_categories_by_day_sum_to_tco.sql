{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_by_category_daily"}}}) }}
with
    daily as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            category,
            cost_kind,
            coalesce(sum(cost_usd), 0) as cost_usd,
            sum(unknown_cost_item_count) as unknown_cost_item_count
        from {{ ref("rpt_cost_by_category_daily") }}
        group by 1, 2, 3
    ),

    monthly as (
        select
            month_start_date,
            category,
            cost_kind,
            coalesce(sum(cost_usd), 0) as cost_usd,
            sum(unknown_cost_item_count) as unknown_cost_item_count
        from {{ ref("fct_tco_monthly") }}
        group by 1, 2, 3
    )

select
    coalesce(daily.month_start_date, monthly.month_start_date) as month_start_date,
    coalesce(daily.category, monthly.category) as category,
    daily.cost_usd as daily_cost_usd,
    monthly.cost_usd as monthly_cost_usd
from daily
full outer join
    monthly
    on monthly.month_start_date = daily.month_start_date
    and monthly.category = daily.category
    and monthly.cost_kind = daily.cost_kind
where
    coalesce(daily.cost_usd, 0) <> coalesce(monthly.cost_usd, 0)
    or coalesce(daily.unknown_cost_item_count, 0) <> coalesce(monthly.unknown_cost_item_count, 0)
