with
    source as (select * from {{ source("raw_prometheus", "gpu_samples") }}),

    renamed as (
        select
            cast(sampled_at_utc as timestamp) as sampled_at_utc,
            cast(host as string) as host,
            cast(gpu_id as string) as gpu_id,
            cast(gpu_name as string) as gpu_name,
            cast(gpu_utilization_pct as decimal(38, 12)) as gpu_utilization_pct,
            cast(memory_used_mib as decimal(38, 12)) as memory_used_mib,
            cast(memory_total_mib as decimal(38, 12)) as memory_total_mib,
            cast(power_watts as decimal(38, 12)) as power_watts,
            cast({{ without_people("workload") }} as string) as workload,
            cast({{ without_people("namespace") }} as string) as namespace,
            cast({{ without_people("pod") }} as string) as pod,
            cast(split_method as string) as split_method,
            cast(share_parts as bigint) as share_parts,
            cast(duration_seconds as decimal(38, 12)) as duration_seconds,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
