{#- OpenRouter's activity: what it charged per day, model and endpoint. -#}
{{ config(materialized="view") }}

select
    {{-
        charge_columns(
            [
                "charge_period_start_utc",
                "charge_period_end_utc",
                "billing_period_start_utc",
                "billing_period_end_utc",
                "provider_name",
                "sub_account_id",
                "charge_category",
                "billed_cost",
                "billed_cost_text",
                "billing_currency",
                "_source_file_id",
                "_source_row",
                "billed_cost_usd",
            ],
            {
                "charge_source": "'openrouter_api'",
                "resource_id": "endpoint_id",
                "charge_description": "line_item",
                "sku_id": "line_item",
                "sku_meter": "line_item",
                "sku_text": "coalesce(model, line_item, '')",
                "service_category": "'AI and Machine Learning'",
                "effective_cost": "billed_cost",
                "contracted_cost": "billed_cost",
            },
        )
    }}
from {{ ref("int_costs_openrouter") }}
