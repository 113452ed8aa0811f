{#- What Groq measures, for int_usage_reports. It reports no charges. -#}
{% macro groq_usage() %}
    {{
        reported_usage(
            ref("stg_groq__usage"),
            [
                "uncached_input_tokens",
                "cache_read_tokens",
                "output_tokens",
                "request_count",
                "project_id",
                "error_count",
            ],
        )
    }}
{% endmacro %}
