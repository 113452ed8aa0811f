with
    source as (select * from {{ source("raw_prometheus", "gpu_metrics") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as hour_start_utc,
            cast(host as string) as host,
            cast(gpu_id as string) as gpu_id,
            cast(metric as string) as metric,
            cast(avg_value as decimal(38, 12)) as avg_value,
            cast(max_value as decimal(38, 12)) as max_value,
            cast(increase as decimal(38, 12)) as increase,
            cast(sample_count as bigint) as sample_count,
            cast(reset_count as bigint) as reset_count,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
