with
    source as (select * from {{ source("raw_openrouter", "activity") }}),

    renamed as (
        select
            cast(usage_date as date) as usage_date,
            cast(model as string) as model,
            cast(model_permaslug as string) as model_permaslug,
            cast(endpoint_id as string) as endpoint_id,
            cast(provider_name as string) as upstream_provider_name,
            cast(workspace_id as string) as workspace_id,
            cast(requests as bigint) as request_count,
            cast(prompt_tokens as bigint) as prompt_tokens,
            cast(completion_tokens as bigint) as completion_tokens,
            cast(reasoning_tokens as bigint) as reasoning_tokens,
            cast(cached_tokens as bigint) as cached_tokens,
            cast(usage as decimal(38, 12)) as usage_usd,
            cast(usage_text as string) as usage_text,
            cast(byok_usage_inference as decimal(38, 12)) as byok_usage_usd,
            cast(byok_usage_inference_text as string) as byok_usage_text,
            cast(group_by as string) as group_by,
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
