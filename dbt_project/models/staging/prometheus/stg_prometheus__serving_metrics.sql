with
    source as (select * from {{ source("raw_prometheus", "serving_metrics") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as hour_start_utc,
            cast(engine as string) as engine,
            cast(metric as string) as metric,
            cast(model_name as string) as model_name,
            cast({{ without_people("namespace") }} as string) as namespace,
            cast({{ without_people("pod") }} as string) as pod,
            cast({{ without_people("workload") }} as string) as workload,
            cast(host as string) as host,
            cast(instance as string) as instance,
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
