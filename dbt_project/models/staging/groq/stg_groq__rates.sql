with
    source as (select * from {{ source("raw_groq", "rates") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as usage_hour_utc,
            cast(metric as string) as metric,
            cast(model as string) as model,
            cast(project_id as string) as project_id,
            cast(status_code as string) as status_code,
            cast(labels as string) as labels,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(sample_count as bigint) as sample_count,
            cast(gap_count as bigint) as gap_count,
            cast(step_seconds as bigint) as step_seconds,
            cast(request_window_start_utc as timestamp) as request_window_start_utc,
            cast(request_window_end_utc as timestamp) as request_window_end_utc,
            cast(page_cursor as string) as page_cursor,
            cast(received_at_utc as timestamp) as received_at_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
