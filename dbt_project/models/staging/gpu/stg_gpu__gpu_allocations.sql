with
    source as (select * from {{ source("raw_gpu", "gpu_allocations") }}),

    renamed as (
        select
            cast({{ without_people("namespace") }} as string) as namespace,
            cast({{ without_people("pod") }} as string) as pod,
            cast({{ without_people("workload") }} as string) as workload,
            cast(node as string) as node,
            cast(gpu_id as string) as gpu_id,
            cast(gpu_fraction as decimal(38, 12)) as gpu_fraction,
            cast(allocated_from_utc as timestamp) as allocated_from_utc,
            cast(allocated_to_utc as timestamp) as allocated_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
