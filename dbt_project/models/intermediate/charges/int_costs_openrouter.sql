{#- What OpenRouter charged per UTC day, model and endpoint. What the own key of an upstream provider cost is billed by
    that provider; it stands beside the charge and is never added to it. -#}
{{ config(materialized="view") }}

with
    activity as (select * from {{ ref("stg_openrouter__activity") }}),

    charges as (
        select
            'openrouter' as charge_source,
            cast(usage_date as timestamp) as charge_period_start_utc,
            cast(usage_date as timestamp) + interval '1' day as charge_period_end_utc,
            usage_date as charge_date,
            {{ month_start("usage_date") }} as billing_period_start_utc,
            {{ month_end("usage_date") }} as billing_period_end_utc,
            'OpenRouter' as provider_name,
            workspace_id as sub_account_id,
            case when usage_usd < 0 then 'Credit' else 'Usage' end as charge_category,
            model as line_item,
            coalesce(model_permaslug, model) as model,
            upstream_provider_name,
            endpoint_id,
            usage_usd as billed_cost,
            usage_text as billed_cost_text,
            'USD' as billing_currency,
            usage_usd as billed_cost_usd,
            byok_usage_usd,
            byok_usage_text,
            _source_file_id,
            _source_row
        from activity
        where usage_usd is not null
    )

select *
from charges
