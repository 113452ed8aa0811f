with
    source as (select * from {{ source("raw_anthropic", "workspaces") }}),

    renamed as (
        select
            cast(id as string) as workspace_id,
            cast(name as string) as workspace_name,
            cast(status as string) as status,
            cast(created_at_utc as timestamp) as created_at_utc,
            cast(archived_at_utc as timestamp) as archived_at_utc,
            cast(is_listed as boolean) as is_listed,
            cast(raw as string) as source_record,
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
