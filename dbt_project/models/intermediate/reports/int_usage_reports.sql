{#- Usage reports of all providers in the columns that they share. A meter or a dimension that a report does not have is
    NULL. Bedrock's usage types stay beside it (rpt_bedrock_usage_daily). -#}
{{ config(materialized="view") }}

{%- set every = ["event_source", "provider_name", "usage_hour_utc", "usage_date", "model"] %}
{%- set input_and_output = ["uncached_input_tokens", "cache_read_tokens", "output_tokens", "request_count"] %}

{{
    reported_usage(
        ref("stg_openai__usage"),
        every
        + [
            "project_id",
            "api_key_id",
            "user_id",
            "service_tier",
            "uncached_input_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "output_tokens",
            "audio_input_tokens",
            "audio_cache_read_tokens",
            "audio_output_tokens",
            "image_input_tokens",
            "image_cache_read_tokens",
            "image_output_tokens",
            "web_searches",
            "file_searches",
            "code_executions",
            "input_characters",
            "audio_milliseconds",
            "images",
            "request_count",
        ],
        {"report": "endpoint", "reported_is_batch": "is_batch"},
    )
}}
union all
{{
    reported_usage(
        ref("stg_anthropic__usage"),
        every
        + [
            "workspace_id",
            "api_key_id",
            "user_id",
            "service_tier",
            "speed",
            "region",
            "context_over_tokens",
            "uncached_input_tokens",
            "cache_read_tokens",
            "cache_write_5m_tokens",
            "cache_write_1h_tokens",
            "output_tokens",
            "web_searches",
        ],
        {"reported_is_batch": "is_batch"},
    )
}}
union all
{{ reported_usage(ref("stg_groq__usage"), every + input_and_output + ["project_id", "error_count"]) }}
union all
{{
    reported_usage(
        ref("stg_openrouter__usage"),
        every + input_and_output + ["workspace_id", "reasoning_tokens"],
        {"is_daily": "true"},
    )
}}
union all
{{
    reported_usage(
        ref("stg_azure__usage"),
        every + input_and_output + ["account_id", "error_count"],
        {"workspace_id": "project_id"},
    )
}}
