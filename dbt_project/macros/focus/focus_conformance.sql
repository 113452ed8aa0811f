{#- Rules of FOCUS as (name, statement, rows it is about, what must hold); a condition that is unknown does not
    hold. -#}
{% macro focus_conformance_rules() %}
    {%- set priced = "charge_category in ('Usage', 'Purchase') and charge_class is null" -%}
    {%- set is_tax = "charge_category = 'Tax'" -%}
    {%- set rules = [
        (
            "consumed_quantity_of_usage",
            "Usage has a ConsumedQuantity",
            (
                "charge_category = 'Usage' and charge_class is null"
                " and coalesce(commitment_discount_status, '') <> 'Unused'"
            ),
            "consumed_quantity is not null",
        ),
        (
            "consumed_quantity_of_others",
            "Only usage has a ConsumedQuantity",
            "charge_category <> 'Usage'",
            "consumed_quantity is null",
        ),
        (
            "pricing_quantity",
            "Usage and purchases have a PricingQuantity",
            priced ~ " and coalesce(commitment_discount_status, '') <> 'Unused'",
            "pricing_quantity is not null",
        ),
        (
            "list_unit_price",
            "Usage and purchases have a ListUnitPrice",
            priced,
            "list_unit_price is not null",
        ),
        (
            "contracted_unit_price",
            "Usage and purchases have a ContractedUnitPrice",
            priced,
            "contracted_unit_price is not null",
        ),
        (
            "sku",
            "Usage and purchases have a SkuId and a SkuPriceId",
            priced,
            "sku_id is not null and sku_price_id is not null",
        ),
        (
            "pricing_category",
            "Usage and purchases have a PricingCategory",
            priced,
            "pricing_category is not null",
        ),
        (
            "tax",
            "Taxes have no SKU, price, quantity or pricing category",
            is_tax,
            (
                "sku_id is null and sku_price_id is null and list_unit_price is null and contracted_unit_price is null"
                " and pricing_quantity is null and pricing_category is null"
            ),
        ),
        (
            "units",
            "A quantity has a unit, and no unit stands alone",
            "true",
            (
                "(consumed_quantity is null) = (consumed_unit is null)"
                " and (pricing_quantity is null) = (pricing_unit is null)"
            ),
        ),
        (
            "names_follow_ids",
            "Sub-account, region, resource and commitment have no name without an id",
            "true",
            (
                "(sub_account_id is not null or coalesce(sub_account_name, sub_account_type) is null)"
                " and (region_id is not null or region_name is null) and (resource_id is not null"
                " or coalesce(resource_name, resource_type) is null) and (commitment_discount_id is not null"
                " or coalesce(commitment_discount_name, commitment_discount_status) is null)"
            ),
        ),
        (
            "prices_are_not_negative",
            "Unit prices are not negative",
            "true",
            "coalesce(list_unit_price, 0) >= 0 and coalesce(contracted_unit_price, 0) >= 0",
        ),
        (
            "list_cost",
            "ListUnitPrice × PricingQuantity is ListCost",
            "list_unit_price is not null and pricing_quantity is not null and charge_class is null",
            "list_cost_error <= list_cost_tolerance",
        ),
        (
            "contracted_cost",
            "ContractedUnitPrice × PricingQuantity is ContractedCost",
            "contracted_unit_price is not null and pricing_quantity is not null and charge_class is null",
            "contracted_cost_error <= contracted_cost_tolerance",
        ),
        (
            "one_sku_per_price",
            "A SkuPriceId has one SkuId",
            "sku_price_id is not null",
            "sku_ids_of_price = 1",
        ),
        (
            "one_category_per_service",
            "A ServiceName has one ServiceCategory",
            "true",
            "categories_of_service = 1",
        ),
        (
            "charge_period",
            "A charge period ends after it starts",
            "true",
            "charge_period_start_utc < charge_period_end_utc",
        ),
        (
            "billing_period",
            "A billing period ends after it starts",
            "true",
            "billing_period_start_utc < billing_period_end_utc",
        ),
        (
            "charge_within_billing_period",
            "A charge lies in its billing period",
            "charge_class is null",
            "charge_period_start_utc >= billing_period_start_utc and charge_period_end_utc <= billing_period_end_utc",
        ),
        (
            "charge_category",
            "ChargeCategory is an allowed value",
            "true",
            "charge_category in ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')",
        ),
        (
            "charge_frequency",
            "ChargeFrequency is an allowed value; a purchase is not Usage-Based",
            "true",
            (
                "charge_frequency in ('One-Time', 'Recurring', 'Usage-Based') and not (charge_category = 'Purchase'"
                " and charge_frequency = 'Usage-Based')"
            ),
        ),
        (
            "pricing_category_value",
            "PricingCategory is an allowed value",
            "pricing_category is not null",
            "pricing_category in ('Standard', 'Committed', 'Dynamic', 'Other')",
        ),
        (
            "commitment_status",
            "Usage of a commitment is Used or Unused, and nothing else is",
            "true",
            (
                "case when commitment_discount_id is not null and charge_category = 'Usage'"
                " then coalesce(commitment_discount_status, '') in ('Used', 'Unused')"
                " else commitment_discount_status is null end"
            ),
        ),
        (
            "capacity_status",
            "CapacityReservationStatus is an allowed value",
            "capacity_reservation_status is not null",
            "capacity_reservation_status in ('Used', 'Unused')",
        ),
        (
            "service_category",
            "ServiceCategory is an allowed value and ServiceSubcategory is one of its own",
            "true",
            "is_known_service",
        ),
        (
            "currency",
            "BillingCurrency is a code of ISO 4217",
            "true",
            "is_known_currency",
        ),
        (
            "commitment_purchase",
            "The purchase of a commitment has EffectiveCost 0",
            "charge_category = 'Purchase' and commitment_discount_id is not null",
            "effective_cost = 0",
        ),
        (
            "commitment_usage",
            "Usage that a commitment pays has BilledCost 0",
            "charge_category = 'Usage' and commitment_discount_id is not null",
            "billed_cost = 0",
        ),
        (
            "key_values",
            "Tags and SkuPriceDetails are JSON objects",
            "true",
            is_json_object("tags") ~ " and " ~ is_json_object("sku_price_details"),
        ),
    ] -%}
    {{ return(rules) }}
{% endmacro %}

{#- Places behind the point that a column needs. -#}
{% macro places_needed(column) -%}
    length(trim(trailing '0' from split_part(cast({{ column }} as string), '.', 2)))
{%- endmacro %}

{#- A text that is braced like a JSON object, or missing. -#}
{% macro is_json_object(column) -%} coalesce({{ column }}, '{}') like '{{ "{%}" }}' {%- endmacro %}
