{#- Usage as providers report it, in disjoint meters, one row per hour (OpenRouter: day) and everything a report groups
    by. A meter or a dimension that a report does not have is NULL, except for the account, which int_account_aliases
    may know. Bedrock's usage types stay beside it (int_usage_aws_bedrock). -#}
{%- set keys = [
    "event_source",
    "provider_name",
    "report",
    "usage_hour_utc",
    "usage_date",
    "is_daily",
    "model",
    "reported_is_batch",
    "service_tier",
    "speed",
    "context_over_tokens",
] + report_dimensions() %}
{%- set every = ["event_source", "provider_name", "usage_hour_utc", "usage_date", "model"] %}
{%- set input_and_output = ["uncached_input_tokens", "cache_read_tokens", "output_tokens", "request_count"] %}

with
    reported as (
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
    ),

    summed as (
        select
            {%- for key in keys %}
                {{
                    (
                        "coalesce(reported.account_id, own_accounts.account_id) as account_id"
                        if key == "account_id"
                        else "reported." ~ key
                    )
                }},
            {%- endfor %}
            {%- for column in usage_columns() + ["request_count", "error_count"] %}
                cast(sum(reported.{{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from reported
        left join
            {{ ref("int_account_aliases") }} as own_accounts
            on own_accounts.provider_id = reported.provider_name
            and own_accounts.alias = ''
            and {{ valid_on("own_accounts", "reported.usage_date") }}
        where reported.usage_hour_utc is not null
        group by {% for _ in keys %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    )

select
    {{ surrogate_key(keys) }} as reported_usage_key,
    event_source,
    provider_name,
    report,
    usage_hour_utc,
    usage_date,
    is_daily,
    coalesce(model, '') as model,
    coalesce(reported_is_batch, false) as is_batch,
    coalesce(service_tier, '') as service_tier,
    coalesce(speed, '') as speed,
    {{ price_region("region") }} as price_region,
    reported_is_batch,
    context_over_tokens,
    {{ (report_dimensions() + usage_columns()) | join(", ") }},
    request_count,
    error_count
from summed
