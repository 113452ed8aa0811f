select
    cast(null as varchar) as budget_id,
    cast(null as varchar) as budget_name,
    cast(null as varchar) as owner,
    cast(null as varchar) as scope_type,
    cast(null as varchar) as scope_id,
    cast(null as varchar) as period,
    cast(null as decimal(38,12)) as amount_usd,
    cast(null as varchar) as thresholds_pct,
    cast(null as timestamp) as valid_from_utc,
    cast(null as timestamp) as valid_to_utc,
    cast(null as boolean) as is_current
where false
