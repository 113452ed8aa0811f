{#- What Google charges per row of the export: cost plus credits, which are negative. Corrections and late usage are
    rows of their own and add up. The invoice month may be later than the month of use. An export that was flattened
    without its credits counts none. The detailed export holds the standard one in finer rows: where both have a SKU of
    a project in an hour, the standard one is the same money again. A charge has the labels of its resource, else the
    tags that hold for it, else the labels of its project. -#}
{{ config(materialized="view") }}
{%- set hour = ["billing_account_id", "project_id", "sku_id", "usage_start_time_utc", "invoice_month", "cost_type"] %}

with
    delivered as (select * from {{ ref("stg_gcp__billing_export") }}),

    detailed as (
        select distinct {% for column in hour %} {{ column }}{{ ", " if not loop.last }}{% endfor %}
        from delivered
        where export_kind = 'detailed'
    ),

    export as (
        select delivered.*
        from delivered
        left join
            detailed
            on {% for column in hour %}
                delivered.{{ column }} is not distinct from detailed.{{ column }} {{ "and" if not loop.last }}
            {% endfor %}
        where coalesce(delivered.export_kind, '') <> 'standard' or detailed.usage_start_time_utc is null
    ),

    charges as (
        select
            'gcp_export' as charge_source,
            usage_start_time_utc as charge_period_start_utc,
            usage_end_time_utc as charge_period_end_utc,
            cast(usage_start_time_utc as date) as charge_date,
            coalesce(
                try_cast(substr(invoice_month, 1, 4) || '-' || substr(invoice_month, 5, 2) || '-01' as timestamp),
                {{ month_start("usage_start_time_utc") }}
            ) as billing_period_start_utc,
            coalesce(
                try_cast(substr(invoice_month, 1, 4) || '-' || substr(invoice_month, 5, 2) || '-01' as timestamp),
                {{ month_start("usage_start_time_utc") }}
            )
            + interval '1' month as billing_period_end_utc,
            'Google Cloud' as provider_name,
            billing_account_id,
            project_id as sub_account_id,
            project_name as sub_account_name,
            coalesce(resource_global_name, resource_name) as resource_id,
            coalesce(region, location) as region_id,
            case
                when
                    lower(service_description) like '%vertex%'
                    or lower(service_description) like '%gemini%'
                    or lower(service_description) like '%generative%'
                then 'AI and Machine Learning'
            end as service_category,
            service_description as service_name,
            case
                when cost_type = 'tax'
                then 'Tax'
                when cost_type in ('adjustment', 'rounding_error')
                then 'Adjustment'
                else 'Usage'
            end as charge_category,
            case when adjustment_info is not null or cost_type = 'adjustment' then 'Correction' end as charge_class,
            sku_description as charge_description,
            sku_id,
            sku_description as sku_meter,
            cast(null as string) as sku_price_id,
            coalesce(sku_description, '') || ' ' || coalesce(sku_id, '') as sku_text,
            sku_description as sku_name,
            service_description as sku_product,
            sku_description as line_item,
            usage_amount as consumed_quantity,
            usage_unit as consumed_unit,
            usage_amount_in_pricing_units as pricing_quantity,
            usage_pricing_unit as pricing_unit,
            cost as cost_before_credits,
            cost_text as cost_before_credits_text,
            credits_amount,
            cast(cost + coalesce(credits_amount, 0) as decimal(38, 12)) as billed_cost,
            case when coalesce(credits_amount, 0) = 0 then cost_text end as billed_cost_text,
            cost_at_list as list_cost,
            currency as billing_currency,
            case
                when currency = 'USD'
                then cast(cost + coalesce(credits_amount, 0) as decimal(38, 12))
                -- A rate of exactly 1 in another currency is a default, not a rate.
                when currency is not null and currency_conversion_rate > 0 and currency_conversion_rate <> 1
                then {{ divided("cost + coalesce(credits_amount, 0)", "currency_conversion_rate") }}
            end as billed_cost_usd,
            case
                when coalesce(project_labels, tags) is null
                then labels
                else {{ joined_objects("project_labels", "tags", "labels") }}
            end as tags,
            cast(null as string) as invoice_id,
            seller_name as publisher_name,
            cost_type as line_type,
            resource_name,
            zone as availability_zone,
            export_time_utc,
            _source_file_id,
            _source_row
        from export
    )

select *
from charges
