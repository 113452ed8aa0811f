with
    source as (select * from {{ source("raw_gpu", "gpu_allocations") }}),

    renamed as (
        select
            cast({{ without_people("namespace") }} as varchar) as namespace,
            cast({{ without_people("pod") }} as varchar) as pod,
            cast({{ without_people("workload") }} as varchar) as workload,
            cast(node as varchar) as node,
            cast(gpu_id as varchar) as gpu_id,
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
