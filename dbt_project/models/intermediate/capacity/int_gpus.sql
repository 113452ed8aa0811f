with
    seen as (
        select
            host,
            gpu_id,
            max(gpu_name) as gpu_name,
            min(cast(sampled_at_utc as date)) as first_seen_date,
            max(cast(sampled_at_utc as date)) as last_seen_date
        from {{ ref("int_gpu_samples_timed") }}
        group by 1, 2
    ),

    matched as (
        select
            seen.*,
            rates.gpu_rate_id,
            rates.usd_per_gpu_hour,
            row_number() over (
                partition by seen.host, seen.gpu_id
                order by length(rates.gpu_name_pattern) desc, rates.valid_from_utc desc, rates.gpu_rate_id
            ) as rate_rank
        from seen
        left join
            {{ ref("gpu_rates") }} as rates
            on lower(seen.gpu_name) like lower(rates.gpu_name_pattern)
            and rates.cloud = '{{ var("gpu_rate_cloud") }}'
            and rates.purchase_option = '{{ var("gpu_rate_purchase_option") }}'
            and {{ valid_on("rates", "seen.last_seen_date") }}
    )

select
    {{ surrogate_key(["host", "gpu_id"]) }} as gpu_key,
    host,
    gpu_id,
    gpu_name,
    usd_per_gpu_hour as gpu_rate_usd_per_hour,
    gpu_rate_id,
    first_seen_date,
    last_seen_date
from matched
where rate_rank = 1
