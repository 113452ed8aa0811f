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

    typed as (
        select
            seen.*,
            types.gpu_type,
            row_number() over (
                partition by seen.host, seen.gpu_id order by length(types.gpu_name_pattern) desc, types.gpu_type
            ) as type_rank
        from seen
        left join {{ ref("gpu_types") }} as types on lower(seen.gpu_name) like lower(types.gpu_name_pattern)
    ),

    matched as (
        select
            typed.*,
            rates.rate_id,
            rates.rate_per_gpu_hour,
            row_number() over (
                partition by typed.host, typed.gpu_id
                order by
                    case when rates.is_own then 0 else 1 end,
                    case when rates.resource_type = 'gpu_hour' then 0 else 1 end,
                    rates.valid_from_utc desc,
                    rates.rate_id
            ) as rate_rank
        from typed
        left join
            {{ ref("int_infrastructure_rates") }} as rates
            on rates.gpu_type = typed.gpu_type
            and rates.resource_type in ('gpu_hour', 'instance_hour')
            and rates.currency = 'USD'
            and rates.provider = '{{ var("gpu_rate_cloud") }}'
            and rates.purchase_option = '{{ var("gpu_rate_purchase_option") }}'
            and {{ valid_on("rates", "typed.last_seen_date") }}
        where typed.type_rank = 1
    )

select
    {{ surrogate_key(["host", "gpu_id"]) }} as gpu_key,
    host,
    gpu_id,
    gpu_name,
    rate_per_gpu_hour as gpu_rate_usd_per_hour,
    rate_id as gpu_rate_id,
    first_seen_date,
    last_seen_date
from matched
where rate_rank = 1
