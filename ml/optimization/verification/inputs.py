"""What verification is given: queries on the warehouse.

Put here: SQL. Keep out: running it.
"""

from __future__ import annotations

from ml.optimization.strategy import tables_of

_SINCE = """
with since as (
    select cast(min(valid_from_utc) as date) - 57 as first_date
    from staging.stg_org__recommendation_actions
    where action = 'implement'
)
"""
INPUTS = {
    "actions": "select recommendation_id, action, valid_from_utc, _source_row "
    "from staging.stg_org__recommendation_actions order by all",
    "snapshots": "select * from ml.recommendation_snapshots order by recommendation_id",
    "usage": _SINCE
    + """
select
    usage_date,
    provider_id,
    model_id,
    price_variant,
    meter,
    project_id,
    team_id,
    list_price_usd_per_unit,
    cast(sum(quantity) as bigint) as quantity,
    case when count(contracted_cost_usd) = count(*) then cast(sum(contracted_cost_usd) as decimal(38, 12)) end
    as cost_usd
from intermediate.int_usage_priced_hourly
cross join since
where is_billable and usage_date >= since.first_date
    and coalesce(project_id, team_id, 'unallocated') in (
        select scope_id from ml.recommendation_snapshots
        union all
        select unnest(regexp_extract_all(slices, 'llm[|][^|]*[|]([^|]*)[|]', 1)) from ml.recommendation_snapshots
        where current_model_id is null
    )
group by all
order by all
""",
    "totals": _SINCE.rstrip()
    + """,
slices as (
    select
        usage_date,
        coalesce('project|' || project_id, 'team|' || coalesce(team_id, 'unallocated')) || '|' || provider_id || '|'
        || model_id as slice,
        sum(contracted_cost_usd) as cost_usd
    from intermediate.int_usage_priced_hourly
    cross join since
    where is_billable and usage_date >= since.first_date
    group by all
),
largest as (
    select slice from slices group by slice order by sum(cost_usd) desc nulls last, slice limit 300
)
select
    slices.usage_date,
    case when largest.slice is null then 'rest' else 'llm|' || slices.slice end as slice_id,
    cast(sum(slices.cost_usd) as decimal(38, 12)) as cost_usd
from slices
left join largest on largest.slice = slices.slice
group by all
order by all
""",
    "prices": _SINCE
    + """
select
    provider_id,
    model_id,
    meter,
    price_variant,
    valid_from_utc,
    valid_to_utc,
    list_price_usd_per_unit as price_usd_per_unit
from marts.dim_prices_current
cross join since
where valid_to_utc > since.first_date
    and (
        (provider_id, model_id) in (select (provider_id, current_model_id) from ml.recommendation_snapshots)
        or provider_id || '|' || model_id in (
            select unnest(regexp_extract_all(slices, 'llm[|][^|]*[|][^|]*[|]([^|]*[|][^"]*)"', 1))
            from ml.recommendation_snapshots where current_model_id is null
        )
    )
order by all
""",
    "gpus": _SINCE
    + """
select
    usage_date,
    host,
    cast(sum(used_seconds + idle_seconds + no_telemetry_seconds) as decimal(38, 12)) as seconds,
    case when count(used_cost_usd) = count(*)
        then cast(sum(used_cost_usd + idle_cost_usd + no_telemetry_cost_usd) as decimal(38, 12)) end as cost_usd
from marts.fct_gpu_usage_hourly
cross join since
where usage_date >= since.first_date
group by all
order by all
""",
}
"""By name: see `lifecycle.verify`."""
READS = tuple(sorted({table for query in INPUTS.values() for table in tables_of(query) if not table.startswith("ml.")}))
"""The tables behind them, as `schema.table`."""
