{{ config(meta={"dagster": {"ref": {"name": "fct_tco_monthly"}}}) }}
with
    allocated as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            cost_kind,
            coalesce(sum(allocated_cost_usd), 0) as cost_usd
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2
    ),

    owned as (
        select month_start_date, cost_kind, coalesce(sum(cost_usd), 0) as cost_usd
        from {{ ref("fct_tco_monthly") }}
        group by 1, 2
    )

select
    coalesce(allocated.month_start_date, owned.month_start_date) as month_start_date,
    coalesce(allocated.cost_kind, owned.cost_kind) as cost_kind,
    allocated.cost_usd as allocated_cost_usd,
    owned.cost_usd as owned_cost_usd
from allocated
full outer join owned on owned.month_start_date = allocated.month_start_date and owned.cost_kind = allocated.cost_kind
where coalesce(allocated.cost_usd, 0) <> coalesce(owned.cost_usd, 0)
