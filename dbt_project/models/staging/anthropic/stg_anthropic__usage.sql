{#- Usage per UTC hour and group, as disjoint meters. The price step of long contexts is the report's own group; a batch
    is a service tier here. Nothing says how many requests there were. -#}
with
    source as (select * from {{ source("raw_anthropic", "messages_usage") }}),

    renamed as (
        select
            cast(date_trunc('hour', bucket_start_utc) as timestamp) as usage_hour_utc,
            cast(bucket_start_utc as date) as usage_date,
            cast(bucket_end_utc as timestamp) as bucket_end_utc,
            'api/anthropic' as event_source,
            'anthropic' as provider_name,
            cast(workspace_id as string) as workspace_id,
            cast(is_default_workspace as boolean) as is_default_workspace,
            cast(api_key_id as string) as api_key_id,
            cast(is_console as boolean) as is_console,
            cast({{ person("account_id") }} as string) as user_id,
            cast(service_account_id as string) as service_account_id,
            cast(model as string) as model,
            cast(service_tier as string) as service_tier,
            cast(service_tier = 'batch' as boolean) as is_batch,
            cast(inference_geo as string) as region,
            cast(speed as string) as speed,
            cast(context_window as string) as context_window,
            cast(
                case context_window when '0-200k' then -1 when '200k-1M' then 200000 end as bigint
            ) as context_over_tokens,
            cast(uncached_input_tokens as bigint) as uncached_input_tokens,
            cast(cache_read_input_tokens as bigint) as cache_read_tokens,
            cast(null as bigint) as cache_write_tokens,
            cast(cache_creation_5m_input_tokens as bigint) as cache_write_5m_tokens,
            cast(cache_creation_1h_input_tokens as bigint) as cache_write_1h_tokens,
            cast(output_tokens as bigint) as output_tokens,
            cast(web_search_requests as bigint) as web_searches,
            cast(null as bigint) as request_count,
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
