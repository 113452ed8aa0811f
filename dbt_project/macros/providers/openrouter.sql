{#- What OpenRouter reports, by day, for int_usage_reports and int_charges_reported. -#}
{% macro openrouter_usage() %}
    {{
        reported_usage(
            ref("stg_openrouter__usage"),
            [
                "uncached_input_tokens",
                "cache_read_tokens",
                "output_tokens",
                "request_count",
                "workspace_id",
                "reasoning_tokens",
            ],
            {"is_daily": "true"},
        )
    }}
{% endmacro %}

{% macro openrouter_charges() %}
    select *, cast(null as string) as account_id from {{ ref("int_charges_openrouter") }}
{% endmacro %}
