{#- Azure's cost details. Dollars are the bill's own: its dollar column, else its cost in the currency of its prices
    where that is the dollar, else the cost at its exchange rate. The pay-as-you-go columns are list prices and no
    dollars of the bill. -#}
{{ config(materialized="view") }}

with
    described as (
        select
            {{ all_but("details", ["reservation_id"]) }},
            coalesce(reservation_id, {{ any_member("extra_columns", ["benefitId", "BenefitId"]) }}) as reservation_id,
            {{
                any_member(
                    "extra_columns",
                    ["pricingCurrency", "PricingCurrency", "pricingCurrencyCode", "PricingCurrencyCode"],
                )
            }} as pricing_currency,
            try_cast(
                {{ any_member("extra_columns", ["costInPricingCurrency", "CostInPricingCurrency"]) }} as decimal(38, 12)
            ) as cost_in_pricing_currency,
            try_cast(
                {{
                    any_member(
                        "extra_columns",
                        [
                            "exchangeRatePricingToBilling",
                            "ExchangeRatePricingToBilling",
                            "exchangeRate",
                            "ExchangeRate",
                        ],
                    )
                }} as decimal(38, 12)
            ) as exchange_rate
        from {{ ref("stg_billing__azure_cost_details") }} as details
    )

select
    'azure' as charge_source,
    cast(usage_date as timestamp) as charge_period_start_utc,
    cast(usage_date as timestamp) + interval '1' day as charge_period_end_utc,
    cast(billing_period_start_date as timestamp) as billing_period_start_utc,
    cast(billing_period_end_date as timestamp) + interval '1' day as billing_period_end_utc,
    'Microsoft' as provider_name,
    billing_account_id,
    {{ account_of("subscription_id") }} as sub_account_id,
    subscription_name as sub_account_name,
    resource_id,
    coalesce(resource_location, meter_region) as region_id,
    case
        when lower(meter_category) in ('cognitive services', 'azure openai', 'foundry models', 'foundry tools')
        then 'AI and Machine Learning'
    end as service_category,
    coalesce(meter_category, service_name, consumed_service) as service_name,
    case
        when lower(charge_type) = 'purchase'
        then 'Purchase'
        when lower(charge_type) = 'tax'
        then 'Tax'
        when lower(charge_type) = 'credit'
        then 'Credit'
        when lower(charge_type) in ('refund', 'adjustment', 'roundingadjustment')
        then 'Adjustment'
        else 'Usage'
    end as charge_category,
    case when lower(charge_type) = 'refund' then 'Correction' end as charge_class,
    product_name as charge_description,
    meter_id as sku_id,
    meter_name as sku_meter,
    part_number as sku_price_id,
    coalesce(meter_sub_category, '')
    || ' '
    || coalesce(meter_name, '')
    || ' '
    || coalesce(product_name, '') as sku_text,
    coalesce(meter_name, {{ azure_meter_of("product_name") }}) as sku_name,
    coalesce(meter_category, '')
    || ' '
    || coalesce(meter_sub_category, {{ azure_product_of("product_name") }}, '') as sku_product,
    cast(null as string) as stated_model,
    quantity as consumed_quantity,
    unit_of_measure as consumed_unit,
    quantity as pricing_quantity,
    unit_of_measure as pricing_unit,
    payg_price as list_unit_price,
    coalesce(unit_price, effective_price) as contracted_unit_price,
    cost_in_billing_currency as billed_cost,
    cost_in_billing_currency_text as billed_cost_text,
    cost_in_billing_currency as effective_cost,
    cast(null as decimal(38, 12)) as list_cost,
    cost_in_billing_currency as contracted_cost,
    billing_currency,
    coalesce(
        case when billing_currency = 'USD' then cost_in_billing_currency end,
        cost_in_usd,
        case when upper(pricing_currency) = 'USD' then cost_in_pricing_currency end,
        case
            when upper(pricing_currency) = 'USD' and exchange_rate > 0 and billing_currency is not null
            then {{ divided("cost_in_billing_currency", "exchange_rate") }}
        end
    ) as billed_cost_usd,
    tags,
    cast(null as string) as invoice_id,
    _source_file_id,
    _source_row,
    {{-
        select_focus_columns(
            has=["billing_account_name", "publisher_name", "resource_name"],
            given={
                "line_type": "charge_type",
                "resource_type": (
                    "coalesce(resource_type, case"
                    " when resource_id like '%/providers/%/%/%' then split_part(split_part(resource_id,"
                    " '/providers/', 2), '/', 1) || '/'"
                    " || split_part(split_part(resource_id, '/providers/', 2), '/', 2) end)"
                ),
                "billing_account_type": "'Billing account'",
                "sub_account_type": "case when subscription_id is not null then 'Subscription' end",
                "host_provider_name": "'Microsoft'",
                "service_provider_name": (
                    "case when lower(publisher_type) = 'marketplace' then coalesce(publisher_name, 'Microsoft')"
                    " else 'Microsoft' end"
                ),
                "invoice_issuer_name": "'Microsoft'",
                "charge_frequency": (
                    "case lower(replace(frequency, '-', '')) when 'usagebased' then 'Usage-Based'"
                    " when 'onetime' then 'One-Time' when 'recurring' then 'Recurring' end"
                ),
                "pricing_category": (
                    "case when (reservation_id is not null"
                    " or lower(pricing_model) in ('reservation', 'savingsplan')) then 'Committed'"
                    " when lower(pricing_model) = 'spot' then 'Dynamic'"
                    " when lower(pricing_model) = 'ondemand' then 'Standard' end"
                ),
                "commitment_discount_category": (
                    "case when reservation_id is null then null"
                    " when lower(pricing_model) = 'savingsplan' then 'Spend' else 'Usage' end"
                ),
                "commitment_discount_id": "reservation_id",
                "commitment_discount_type": (
                    "case when reservation_id is null then null"
                    " when lower(pricing_model) = 'savingsplan' then 'Savings Plan' else 'Reservation' end"
                ),
                "commitment_discount_status": (
                    "case when reservation_id is null or lower(charge_type) = 'purchase' then null"
                    " when lower(charge_type) like 'unused%' then 'Unused' else 'Used' end"
                ),
                "commitment_discount_quantity": "case when reservation_id is not null then quantity end",
                "commitment_discount_unit": "case when reservation_id is not null then unit_of_measure end",
            },
        )
    }}
from described
