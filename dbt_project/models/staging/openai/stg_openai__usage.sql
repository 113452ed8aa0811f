{#- OpenAI's inclusive counts as disjoint meters, one column per meter, at UTC hours. `input_tokens` includes text,
    audio, image, cached and cache-write tokens: what is left after the parts is uncached text, so that the input
    meters always sum to it. Stored bytes (vector_stores) are a level, not usage: see stg_openai__vector_stores. -#}
with
    source as (select * from {{ source("raw_openai", "usage") }} where endpoint <> 'vector_stores'),

    typed as (
        select
            *,
            coalesce(input_cached_audio_tokens, 0) + coalesce(input_cached_image_tokens, 0) as cached_audio_and_image,
            coalesce(input_audio_tokens, 0) + coalesce(input_image_tokens, 0) as audio_and_image,
            coalesce(
                input_cached_tokens,
                input_cached_text_tokens
                + coalesce(input_cached_audio_tokens, 0)
                + coalesce(input_cached_image_tokens, 0),
                input_cached_audio_tokens + coalesce(input_cached_image_tokens, 0),
                input_cached_image_tokens
            ) as cached,
            coalesce(
                input_cache_write_tokens,
                input_cache_write_30m_tokens + coalesce(input_cache_write_12h_tokens, 0),
                input_cache_write_12h_tokens
            ) as cache_written
        from source
    ),

    disjoint as (
        select
            *,
            coalesce(
                input_tokens - coalesce(cached, 0) - coalesce(cache_written, 0) - audio_and_image,
                input_uncached_tokens - audio_and_image,
                input_text_tokens
            ) as uncached_text
        from typed
    )

select
    cast(endpoint as string) as endpoint,
    cast('api/openai' as string) as event_source,
    cast('openai' as string) as provider_name,
    cast(date_trunc('hour', bucket_start_utc) as timestamp) as usage_hour_utc,
    cast(bucket_start_utc as date) as usage_date,
    cast(project_id as string) as project_id,
    cast(api_key_id as string) as api_key_id,
    cast({{ person("user_id") }} as string) as user_id,
    cast(model as string) as model,
    cast(is_batch as boolean) as is_batch,
    cast(service_tier as string) as service_tier,
    cast(api_source as string) as api_source,
    cast(size as string) as image_size,
    cast(source as string) as image_source,
    cast(context_level as string) as search_context_level,
    cast(vector_store_id as string) as vector_store_id,
    cast(group_by as string) as group_by,
    cast(uncached_text as bigint) as uncached_input_tokens,
    cast(cached - cached_audio_and_image as bigint) as cache_read_tokens,
    cast(cache_written as bigint) as cache_write_tokens,
    cast(
        output_tokens - coalesce(output_audio_tokens, 0) - coalesce(output_image_tokens, 0) as bigint
    ) as output_tokens,
    cast(input_audio_tokens as bigint) as audio_input_tokens,
    cast(input_cached_audio_tokens as bigint) as audio_cache_read_tokens,
    cast(output_audio_tokens as bigint) as audio_output_tokens,
    cast(input_image_tokens as bigint) as image_input_tokens,
    cast(input_cached_image_tokens as bigint) as image_cache_read_tokens,
    cast(output_image_tokens as bigint) as image_output_tokens,
    cast(case when endpoint = 'web_search_calls' then num_requests end as bigint) as web_searches,
    cast(case when endpoint = 'file_search_calls' then num_requests end as bigint) as file_searches,
    cast(num_sessions as bigint) as code_executions,
    cast(characters as bigint) as input_characters,
    cast(round(seconds * 1000) as bigint) as audio_milliseconds,
    cast(images as bigint) as images,
    -- The model requests behind searches are counted by the report of the models.
    cast(
        case when endpoint not in ('web_search_calls', 'file_search_calls') then num_model_requests end as bigint
    ) as request_count,
    cast(extra_columns as string) as extra_columns,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(_source_file_id as bigint) as _source_file_id,
    cast(_source_row as bigint) as _source_row,
    cast(_loaded_at_utc as timestamp) as _loaded_at_utc
from disjoint
