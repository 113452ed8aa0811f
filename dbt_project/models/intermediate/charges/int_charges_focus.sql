{#- FOCUS charges. What the columns of FOCUS leave open, those of its vendor say (`x_SkuMeterName`), and a model comes
    from the price details or from a model column. What was paid for a commitment has an effective cost of 0, as FOCUS
    demands, also where an exporter gives it one, if that of the usage which it covers is there too. -#}
{{ config(materialized="view") }}

with
    vendors as (
        select
            *,
            coalesce(
                service_provider_name, provider_name, host_provider_name, invoice_issuer_name, publisher_name
            ) as any_provider_name,
            {%- for column in [
                "SkuMeterName",
                "SkuMeterCategory",
                "SkuMeterSubcategory",
                "BilledCostInUsd",
                "BillingExchangeRate",
                "PricingCurrency",
                "ModelId",
                "Model",
                "ModelName",
                "ModelVersion",
                "SkuDescription",
            ] %}
                {{ vendor_column("extra_columns", column) }} as x_{{ column | lower }} {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("stg_billing__focus_charges") }}
    ),

    named as (
        select
            *,
            coalesce(
                sku_meter,
                x_skumetername,
                x_skudescription,
                case
                    when lower(any_provider_name) like 'microsoft%' then {{ azure_meter_of("charge_description") }}
                end,
                charge_description
            ) as sku_name,
            coalesce(x_skumetercategory, '')
            || ' '
            || coalesce(x_skumetersubcategory, {{ azure_product_of("charge_description") }}, '') as sku_product,
            coalesce(
                {%- for name in ["ModelId", "x_ModelId", "x_ModelName", "x_Model", "x_ModelVersion", "Model"] %}
                    {{ json_member("sku_price_details", name) }},
                {%- endfor %}
                x_modelid,
                x_modelname,
                x_model,
                x_modelversion
            ) as stated_model
        from vendors
    ),

    drawn as (
        select distinct lower(commitment_discount_id) as commitment_id
        from vendors
        where lower(charge_category) = 'usage' and billed_cost = 0 and effective_cost <> 0
    )

select
    'focus' as charge_source,
    charge_period_start_utc,
    charge_period_end_utc,
    billing_period_start_utc,
    billing_period_end_utc,
    any_provider_name as provider_name,
    {%- for id in ["billing_account_id", "sub_account_id"] %}
        case
            when regexp_extract(lower(concat_ws(' ', any_provider_name, invoice_issuer_name)), '(aws|amazon)', 1) <> ''
            then {{ aws_account(id) }}
            else {{ id }}
        end as {{ id }},
    {%- endfor %}
    sub_account_name,
    resource_id,
    region_id,
    service_category,
    service_name,
    charge_category,
    charge_class,
    charge_description,
    sku_id,
    coalesce(sku_meter, x_skumetername) as sku_meter,
    sku_price_id,
    coalesce(sku_meter, x_skumetername, '')
    || ' '
    || coalesce(sku_id, '')
    || ' '
    || coalesce(charge_description, '')
    || ' '
    || coalesce(sku_price_details, '') as sku_text,
    sku_name,
    sku_product,
    stated_model,
    consumed_quantity,
    consumed_unit,
    pricing_quantity,
    pricing_unit,
    list_unit_price,
    contracted_unit_price,
    billed_cost,
    billed_cost_text,
    case
        when lower(charge_category) = 'purchase' and drawn.commitment_id is not null
        then cast(0 as decimal(38, 12))
        else effective_cost
    end as effective_cost,
    list_cost,
    contracted_cost,
    billing_currency,
    case
        when billing_currency = 'USD'
        then billed_cost
        else
            coalesce(
                try_cast(x_billedcostinusd as decimal(38, 12)),
                case
                    when
                        upper(coalesce(pricing_currency, x_pricingcurrency)) = 'USD'
                        and billing_currency is not null
                        and try_cast(x_billingexchangerate as decimal(38, 12)) > 0
                    then {{ divided("billed_cost", "try_cast(x_billingexchangerate as decimal(38, 12))") }}
                end
            )
    end as billed_cost_usd,
    tags,
    invoice_id,
    _source_file_id,
    _source_row,
    {{-
        select_focus_columns(
            has=[
                "billing_account_name",
                "billing_account_type",
                "sub_account_type",
                "host_provider_name",
                "service_provider_name",
                "publisher_name",
                "invoice_issuer_name",
                "service_subcategory",
                "charge_frequency",
                "pricing_category",
                "pricing_currency",
                "pricing_currency_contracted_unit_price",
                "pricing_currency_effective_cost",
                "pricing_currency_list_unit_price",
                "resource_name",
                "resource_type",
                "region_name",
                "availability_zone",
                "sku_price_details",
                "commitment_discount_category",
                "commitment_discount_id",
                "commitment_discount_name",
                "commitment_discount_quantity",
                "commitment_discount_status",
                "commitment_discount_type",
                "commitment_discount_unit",
                "commitment_program_eligibility_details",
                "capacity_reservation_id",
                "capacity_reservation_status",
                "contract_applied",
                "invoice_detail_id",
                "allocated_method_id",
                "allocated_method_details",
                "allocated_resource_id",
                "allocated_resource_name",
                "allocated_tags",
            ],
        )
    }}
from named
left join drawn on drawn.commitment_id = lower(named.commitment_discount_id)
