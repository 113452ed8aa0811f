with
    source as (select * from {{ source("raw_gpu", "gpu_sample_hours") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as hour_start_utc,
            cast(host as string) as host,
            cast(gpu_id as string) as gpu_id,
            cast(gpu_name as string) as gpu_name,
            cast({{ without_people("workload") }} as string) as workload,
            cast({{ without_people("namespace") }} as string) as namespace,
            cast({{ without_people("pod") }} as string) as pod,
            cast(split_method as string) as split_method,
            cast(sample_count as bigint) as sample_count,
            cast(measured_parts as bigint) as measured_parts,
            cast(unknown_parts as bigint) as unknown_parts,
            cast(busy_percent_parts as decimal(38, 12)) as busy_percent_parts,
            cast(memory_us as bigint) as memory_us,
            cast(memory_mib_us as decimal(38, 12)) as memory_mib_us,
            cast(max_memory_used_mib as decimal(38, 12)) as max_memory_used_mib,
            cast(max_memory_total_mib as decimal(38, 12)) as max_memory_total_mib,
            cast(power_us as bigint) as power_us,
            cast(power_watt_us as decimal(38, 12)) as power_watt_us,
            cast(power_watt_parts as decimal(38, 12)) as power_watt_parts,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
