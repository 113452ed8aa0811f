{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_center_monthly"}}}) }}
with
    tree as (select * from {{ ref("rpt_cost_center_monthly") }}),

    children as (
        select month_start_date, parent_path, sum(total_spend_usd) as children_spend_usd
        from tree
        where parent_path is not null
        group by 1, 2
    ),

    broken_parents as (
        select tree.month_start_date, tree.path
        from tree
        left join children on children.month_start_date = tree.month_start_date and children.parent_path = tree.path
        where
            coalesce(tree.total_spend_usd, 0)
            <> coalesce(tree.own_spend_usd, 0) + coalesce(children.children_spend_usd, 0)
            or tree.descendants_spend_usd <> coalesce(children.children_spend_usd, 0)
    ),

    roots as (select month_start_date, sum(total_spend_usd) as spend_usd from tree where depth = 0 group by 1),

    months as (select month_start_date, sum(spend_usd) as spend_usd from {{ ref("rpt_cost_monthly") }} group by 1),

    broken_months as (
        select months.month_start_date, 'roots' as path
        from months
        left join roots on roots.month_start_date = months.month_start_date
        where coalesce(roots.spend_usd, 0) <> coalesce(months.spend_usd, 0)
    ),

    orphans as (
        select tree.month_start_date, tree.path
        from tree
        left join
            tree as parents on parents.month_start_date = tree.month_start_date and parents.path = tree.parent_path
        where tree.parent_path is not null and parents.path is null
    )

select *
from broken_parents
union all
select *
from orphans
union all
select *
from broken_months
