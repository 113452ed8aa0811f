with
    source as (select * from {{ source("raw_openai", "api_keys") }}),

    renamed as (
        select
            cast(id as string) as id,
            cast({{ without_people("name") }} as string) as name,
            cast(status as string) as status,
            cast(created_at_utc as timestamp) as created_at_utc,
            cast(is_listed as boolean) as is_listed,
            cast(raw as string) as raw,
            cast(project_id as string) as project_id,
            cast(owner_type as string) as owner_type,
            cast({{ person("owner_id") }} as string) as owner_id,
            cast(redacted_value as string) as redacted_value,
            cast(last_used_at_utc as timestamp) as last_used_at_utc,
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
