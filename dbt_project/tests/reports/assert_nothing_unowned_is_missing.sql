{{ config(meta={"dagster": {"ref": {"name": "rpt_unallocated"}}}) }}
with
    listed as (select coalesce(sum(spend_usd), 0) as spend_usd from {{ ref("rpt_unallocated") }}),

    booked as (
        select coalesce(sum(allocated_cost_usd), 0) as spend_usd
        from {{ ref("fct_allocated_costs_daily") }}
        where cost_center_id = 'unallocated'
    )

select listed.spend_usd as listed_spend_usd, booked.spend_usd as booked_spend_usd
from listed
cross join booked
where listed.spend_usd <> booked.spend_usd
