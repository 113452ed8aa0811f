with
    source as (select * from {{ source("raw_anthropic", "members") }}),

    renamed as (
        select
            cast({{ person("id") }} as string) as user_id,
            cast(name as string) as user_name,
            cast(email as string) as email,
            cast(role as string) as role,
            cast(created_at_utc as timestamp) as added_at_utc,
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
