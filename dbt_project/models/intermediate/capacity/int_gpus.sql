{#- GPUs as they were in the last hour in which they were there. -#}
with
    ranked as (
        select
            *,
            min(usage_date) over (partition by host, gpu_id) as first_seen_date,
            max(usage_date) over (partition by host, gpu_id) as last_seen_date,
            count(*) over (partition by host, gpu_id) as gpu_hour_count,
            count(rate_cost_usd) over (partition by host, gpu_id) as rated_hour_count,
            row_number() over (partition by host, gpu_id order by usage_hour_utc desc) as hour_rank
        from {{ ref("int_gpu_hours") }}
    )

select
    {{ surrogate_key(["host", "gpu_id"]) }} as gpu_key,
    host,
    gpu_id,
    gpu_name,
    gpu_type,
    purchase_option,
    rate_method,
    rate_cost_usd as gpu_rate_usd_per_hour,
    gpu_rate_id,
    first_seen_date,
    last_seen_date,
    cast(gpu_hour_count as bigint) as gpu_hour_count,
    cast(gpu_hour_count - rated_hour_count as bigint) as unrated_hour_count
from ranked
where hour_rank = 1
