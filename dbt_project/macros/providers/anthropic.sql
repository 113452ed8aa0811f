{#- What Anthropic reports, for int_usage_reports and int_charges_reported. -#}
{% macro anthropic_usage() %}
    {{
        reported_usage(
            ref("stg_anthropic__usage"),
            [
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
{% endmacro %}

{% macro anthropic_charges() %}
    select *, cast(null as string) as account_id from {{ ref("int_charges_anthropic") }}
{% endmacro %}
