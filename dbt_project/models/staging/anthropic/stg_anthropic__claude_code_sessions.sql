with
    source as (select * from {{ source("raw_anthropic", "claude_code") }}),

    renamed as (
        select
            cast(usage_date as date) as usage_date,
            cast(actor_type as string) as actor_type,
            cast({{ person("actor_email") }} as string) as actor_email,
            cast(actor_api_key_name as string) as actor_api_key_name,
            cast(organization_id as string) as organization_id,
            cast(customer_type as string) as customer_type,
            cast(subscription_type as string) as subscription_type,
            cast(terminal_type as string) as terminal_type,
            cast(is_remote as boolean) as is_remote,
            cast(num_sessions as bigint) as session_count,
            cast(lines_added as bigint) as added_line_count,
            cast(lines_removed as bigint) as removed_line_count,
            cast(commits as bigint) as commit_count,
            cast(pull_requests as bigint) as pull_request_count,
            cast(core_metrics as string) as core_metrics,
            cast(tool_actions as string) as tool_actions,
            cast(extra_columns as string) as extra_columns,
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
