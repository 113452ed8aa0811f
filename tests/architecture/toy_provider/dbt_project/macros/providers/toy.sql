{#- What Toy reports, by day, for int_usage_reported and int_charges_reported. -#}
{% macro toy_usage() %}
    {{
        reported_usage(
            ref("stg_toy__activity"),
            ["uncached_input_tokens", "output_tokens", "request_count"],
            {"is_daily": "true"},
        )
    }}
{% endmacro %}

{% macro toy_charges() %}
    select
        {{-
            charge_columns(
                [
                    "charge_period_start_utc",
                    "charge_period_end_utc",
                    "billed_cost",
                    "billed_cost_text",
                    "_source_file_id",
                    "_source_row",
                ],
                {
                    "charge_source": "'toy_api'",
                    "billing_period_start_utc": month_start("usage_date"),
                    "billing_period_end_utc": month_end("usage_date"),
                    "provider_name": "'Toy'",
                    "charge_category": "'Usage'",
                    "sku_text": "coalesce(model, '')",
                    "stated_model": "model",
                    "effective_cost": "billed_cost",
                    "contracted_cost": "billed_cost",
                    "billing_currency": "'USD'",
                    "billed_cost_usd": "billed_cost",
                },
            )
        }},
        cast(null as string) as account_id
    from {{ ref("stg_toy__activity") }}
{% endmacro %}
