{#- What AWS charges per day, service and usage type, from the one report that is the bill's total; the reports by tag
    and by month show the same money. Billed is the unblended cost. A quantity over mixed units has no meaning:
    NULL. -#}
{{ config(materialized="view") }}

with
    report as (select * from {{ ref("stg_aws__cost_explorer") }} where report = 'cost_daily'),

    charges as (
        select
            'aws_cost_explorer' as charge_source,
            cast(period_start_date as timestamp) as charge_period_start_utc,
            cast(period_end_date as timestamp) as charge_period_end_utc,
            period_start_date as charge_date,
            {{ month_start("period_start_date") }} as billing_period_start_utc,
            {{ month_end("period_start_date") }} as billing_period_end_utc,
            'AWS' as provider_name,
            cast(null as string) as billing_account_id,
            linked_account_id as sub_account_id,
            cast(null as string) as sub_account_name,
            cast(null as string) as resource_id,
            region as region_id,
            case when lower(service) like '%bedrock%' then 'AI and Machine Learning' end as service_category,
            service as service_name,
            case
                when service = 'Tax' then 'Tax' when unblended_cost < 0 then 'Credit' else 'Usage'
            end as charge_category,
            cast(null as string) as charge_class,
            usage_type as charge_description,
            cast(null as string) as sku_id,
            usage_type as sku_meter,
            cast(null as string) as sku_price_id,
            coalesce(usage_type, '') || ' ' || coalesce(service, '') as sku_text,
            usage_type as line_item,
            usage_quantity as consumed_quantity,
            case when usage_quantity is not null then usage_quantity_unit end as consumed_unit,
            unblended_cost as billed_cost,
            unblended_cost_text as billed_cost_text,
            amortized_cost as effective_cost,
            currency as billing_currency,
            case when currency = 'USD' then unblended_cost end as billed_cost_usd,
            cast(null as string) as tags,
            is_estimated,
            group_by,
            _source_file_id,
            _source_row
        from report
    )

select *
from charges
