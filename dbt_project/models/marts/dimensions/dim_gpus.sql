select
    cast(null as varchar) as gpu_key,
    cast(null as varchar) as host,
    cast(null as varchar) as gpu_id,
    cast(null as varchar) as gpu_name,
    cast(null as decimal(38,12)) as gpu_rate_usd_per_hour,
    cast(null as varchar) as gpu_rate_id,
    cast(null as date) as first_seen_date,
    cast(null as date) as last_seen_date
where false
