{#- OpenRouter's activity as disjoint meters. It knows days only: they stand at the first hour of the day. Replays from
    a response cache report more cached tokens than prompt tokens; what exceeds the prompt is `replayed_tokens`. -#}
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
            cast(cached_tokens as bigint) as cached_tokens
        from source
    ),

    usage_rows as (
        select
            cast(usage_date as timestamp) as usage_hour_utc,
            usage_date,
            'api/openrouter' as event_source,
            'openrouter' as provider_name,
            workspace_id,
            coalesce(model_permaslug, model) as model,
            upstream_provider_name,
            endpoint_id,
            cast(prompt_tokens - least(coalesce(cached_tokens, 0), prompt_tokens) as bigint) as uncached_input_tokens,
            cast(
                case when cached_tokens is not null then least(cached_tokens, prompt_tokens) end as bigint
            ) as cache_read_tokens,
            cast(null as bigint) as cache_write_tokens,
            cast(null as bigint) as cache_write_5m_tokens,
            cast(null as bigint) as cache_write_1h_tokens,
            completion_tokens as output_tokens,
            reasoning_tokens,
            cast(
                case when cached_tokens > prompt_tokens then cached_tokens - prompt_tokens else 0 end as bigint
            ) as replayed_tokens,
            request_count
        from renamed
    )

select *
from usage_rows
