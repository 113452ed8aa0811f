{#- What Azure charges per day, meter and resource (or subscription), as the query says it. The reports by tag show the
    same money and stay out. The day is the charge's; the query has no invoice. -#}
{{ config(materialized="view") }}

with
    query as (select * from {{ ref("stg_azure__cost_query") }} where group_by not like '%TagKey:%'),

    charges as (
        select
            'azure_cost_query' as charge_source,
            cast(usage_date as timestamp) as charge_period_start_utc,
            cast(usage_date as timestamp) + interval '1' day as charge_period_end_utc,
            usage_date as charge_date,
            {{ month_start("usage_date") }} as billing_period_start_utc,
            {{ month_end("usage_date") }} as billing_period_end_utc,
            'Microsoft' as provider_name,
            case
                when scope like '%illingAccounts/%' then split_part(split_part(scope, 'illingAccounts/', 2), '/', 1)
            end as billing_account_id,
            coalesce(
                subscription_id,
                case when lower(resource_id) like '/subscriptions/%' then split_part(resource_id, '/', 3) end,
                case when lower(trim(scope, '/')) like 'subscriptions/%' then split_part(trim(scope, '/'), '/', 2) end
            ) as sub_account_id,
            cast(null as string) as sub_account_name,
            resource_id,
            cast(null as string) as region_id,
            case
                when lower(resource_id) like '%/microsoft.cognitiveservices/%' then 'AI and Machine Learning'
            end as service_category,
            coalesce(
                service_name,
                meter_category,
                case when lower(resource_id) like '%/microsoft.cognitiveservices/%' then 'Cognitive Services' end
            ) as service_name,
            case when cost < 0 then 'Credit' else 'Usage' end as charge_category,
            cast(null as string) as charge_class,
            meter as charge_description,
            cast(null as string) as sku_id,
            coalesce(meter, meter_sub_category) as sku_meter,
            cast(null as string) as sku_price_id,
            coalesce(meter_sub_category, '') || ' ' || coalesce(meter, '') as sku_text,
            meter as line_item,
            usage_quantity as consumed_quantity,
            cast(null as string) as consumed_unit,
            cost as billed_cost,
            cost_text as billed_cost_text,
            currency as billing_currency,
            coalesce(cost_usd, case when currency = 'USD' then cost end) as billed_cost_usd,
            cast(null as string) as tags,
            group_by,
            _source_file_id,
            _source_row
        from query
    )

select *
from charges
