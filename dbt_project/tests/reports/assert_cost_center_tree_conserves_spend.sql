{{ config(meta={'dagster': {'ref': {'name': 'rpt_cost_center_monthly'}}}) }}
-- A cost center equals its own spend plus the totals of its children; the roots equal all spend of the month.
with tree as (
    select * from {{ ref('rpt_cost_center_monthly') }}
),

children as (
    select month_start_date, parent_cost_center_id, sum(total_spend_usd) as children_spend_usd
    from tree
    where parent_cost_center_id is not null
    group by 1, 2
),

broken_parents as (
    select tree.month_start_date, tree.cost_center_id
    from tree
    left join children
        on children.month_start_date = tree.month_start_date
        and children.parent_cost_center_id = tree.cost_center_id
    where
        coalesce(tree.total_spend_usd, 0) <> coalesce(tree.own_spend_usd, 0) + coalesce(children.children_spend_usd, 0)
        or tree.descendants_spend_usd <> coalesce(children.children_spend_usd, 0)
),

roots as (
    select month_start_date, sum(total_spend_usd) as spend_usd
    from tree
    where depth = 0
    group by 1
),

months as (
    select month_start_date, sum(spend_usd) as spend_usd
    from {{ ref('rpt_cost_monthly') }}
    group by 1
),

broken_months as (
    select months.month_start_date, 'roots' as cost_center_id
    from months
    left join roots on roots.month_start_date = months.month_start_date
    where coalesce(roots.spend_usd, 0) <> coalesce(months.spend_usd, 0)
)

select * from broken_parents
union all
select * from broken_months
