{#- OpenRouter's activity: what it charged per UTC day, model and endpoint. What the own key of an upstream provider
    cost is billed by that provider; it stands beside the charge in staging and is never added to it. -#}
{{ config(materialized="view") }}

with
    activity as (
        select
            *,
            cast(usage_date as timestamp) as charge_period_start_utc,
            cast(usage_date as timestamp) + interval '1' day as charge_period_end_utc
        from {{ ref("stg_openrouter__activity") }}
        where usage_usd is not null
    )

select
    {{-
        charge_columns(
            ["charge_period_start_utc", "charge_period_end_utc", "_source_file_id", "_source_row"],
            {
                "charge_source": "'openrouter_api'",
                "billing_period_start_utc": month_start("usage_date"),
                "billing_period_end_utc": month_end("usage_date"),
                "provider_name": "'OpenRouter'",
                "sub_account_id": "workspace_id",
                "charge_category": "case when usage_usd < 0 then 'Credit' else 'Usage' end",
                "resource_id": "endpoint_id",
                "charge_description": "model",
                "sku_id": "model",
                "sku_meter": "model",
                "sku_text": "coalesce(model_permaslug, model, '')",
                "service_category": "'AI and Machine Learning'",
                "billed_cost": "usage_usd",
                "billed_cost_text": "usage_text",
                "effective_cost": "usage_usd",
                "contracted_cost": "usage_usd",
                "billing_currency": "'USD'",
                "billed_cost_usd": "usage_usd",
            },
        )
    }}
from activity
