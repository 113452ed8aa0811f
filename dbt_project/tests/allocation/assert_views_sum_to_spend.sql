{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_by_dimension_monthly"}}}) }}
with
    months as (
        select {{ month_of("usage_date") }} as month_start_date, sum(allocated_cost_usd) as spend_usd
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1
    ),

    views as (
        select month_start_date, dimension as seen_by, sum(spend_usd) as spend_usd
        from {{ ref("rpt_cost_by_dimension_monthly") }}
        group by 1, 2
        union all
        select month_start_date, 'tag', sum(spend_usd)
        from {{ ref("rpt_cost_by_tag_monthly") }}
        group by 1
        union all
        select month_start_date, 'rule', sum(spend_usd)
        from {{ ref("rpt_allocation_monthly") }}
        group by 1
    )

select views.seen_by, views.month_start_date, views.spend_usd, months.spend_usd as allocated_usd
from views
left join
    months
    on months.month_start_date = views.month_start_date
    or (months.month_start_date is null and views.month_start_date is null)
where coalesce(views.spend_usd, 0) <> coalesce(months.spend_usd, 0)
