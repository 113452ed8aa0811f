{#- What OpenAI reports, for int_usage_reports and int_charges_reported. -#}
{% macro openai_usage() %}
    {{
        reported_usage(
            ref("stg_openai__usage"),
            [
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
{% endmacro %}

{#- The API's costs, and exports of the dashboard that bring the same by hand. -#}
{% macro openai_charges() %}
    select *, cast(null as string) as account_id
    from {{ ref("int_charges_openai") }}
    union all
    select *, cast(null as string) as account_id
    from {{ ref("int_charges_openai_dashboard") }}
{% endmacro %}

{#- Whether all accounts are organisations of OpenAI; of no account at all it is true. -#}
{% macro are_all_organizations(account_id) -%}
    count(*) = count(case when {{ account_id }} like 'org-%' then 1 end)
{%- endmacro %}

{#- Where columns of a charge come from that OpenAI's API and its dashboard say alike; `own` are those of one of
    them. -#}
{% macro openai_charge_values(own) %}
    {%- set values = {
        "sub_account_name": "project_name",
        "charge_description": "line_item",
        "sku_id": "line_item",
        "sku_meter": "coalesce(line_item_kind, line_item)",
        "sku_text": "coalesce(line_item, '')",
        "service_category": "'AI and Machine Learning'",
        "pricing_quantity": "consumed_quantity",
        "pricing_unit": "consumed_unit",
        "effective_cost": "billed_cost",
        "contracted_cost": "billed_cost",
        "billed_cost_usd": "case when billing_currency = 'USD' then billed_cost end",
    } -%}
    {%- do values.update(own) -%} {{ return(values) }}
{% endmacro %}
