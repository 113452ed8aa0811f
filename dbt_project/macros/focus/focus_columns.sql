{#- Columns of a charge that FOCUS has and nothing else here reads: (name, type). They follow the others in every
    int_charges_*. -#}
{% macro focus_charge_columns() %}
    {%- set decimals = [
        "pricing_currency_contracted_unit_price",
        "pricing_currency_effective_cost",
        "pricing_currency_list_unit_price",
        "commitment_discount_quantity",
        "unused_commitment_cost",
    ] -%}
    {%- set columns = [] -%}
    {%- for name in [
        "line_type",
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
        "unused_commitment_cost",
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
    ] -%}
        {%- do columns.append((name, "decimal(38, 12)" if name in decimals else "string")) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{#- The same, selected: `given` maps a column to its expression, columns in `has` are there under their own name, others
    NULL. -#}
{% macro select_focus_columns(has=[], given={}) %}
    {%- for name, type in focus_charge_columns() %}
        cast({{ given[name] if name in given else (name if name in has else "null") }} as {{ type }}) as {{ name }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Names of FOCUS for a version, in the standard's order. -#}
{% macro focus_names(version) %}
    {%- set names = [
        "AllocatedMethodDetails",
        "AllocatedMethodId",
        "AllocatedResourceId",
        "AllocatedResourceName",
        "AllocatedTags",
        "AvailabilityZone",
        "BilledCost",
        "BillingAccountId",
        "BillingAccountName",
        "BillingAccountType",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "CapacityReservationId",
        "CapacityReservationStatus",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
        "ChargeFrequency",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "CommitmentDiscountCategory",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountQuantity",
        "CommitmentDiscountStatus",
        "CommitmentDiscountType",
        "CommitmentDiscountUnit",
        "CommitmentProgramEligibilityDetails",
        "ConsumedQuantity",
        "ConsumedUnit",
        "ContractApplied",
        "ContractedCost",
        "ContractedUnitPrice",
        "EffectiveCost",
        "HostProviderName",
        "InvoiceDetailId",
        "InvoiceId",
        "InvoiceIssuerName",
        "ListCost",
        "ListUnitPrice",
        "PricingCategory",
        "PricingCurrency",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
        "PricingQuantity",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "RegionId",
        "RegionName",
        "ResourceId",
        "ResourceName",
        "ResourceType",
        "ServiceCategory",
        "ServiceName",
        "ServiceProviderName",
        "ServiceSubcategory",
        "SkuId",
        "SkuMeter",
        "SkuPriceDetails",
        "SkuPriceId",
        "SubAccountId",
        "SubAccountName",
        "SubAccountType",
        "Tags",
    ] -%}
    {%- set dropped = ["ProviderName", "PublisherName"] -%}
    {%- set later = [
        "AllocatedMethodDetails",
        "AllocatedMethodId",
        "AllocatedResourceId",
        "AllocatedResourceName",
        "AllocatedTags",
        "CommitmentProgramEligibilityDetails",
        "ContractApplied",
        "HostProviderName",
        "InvoiceDetailId",
        "ServiceProviderName",
    ] -%}
    {{ return(names | reject("in", later if version == "1.2" else dropped) | list) }}
{% endmacro %}

{#- int_focus_charges under the names of FOCUS; `given` maps one of its columns to another expression, `relation`
    qualifies the rest. -#}
{% macro select_focus_names(version, given={}, relation="") %}
    {%- for name in focus_names(version) %}
        {%- set column = modules.re.sub("(?<!^)(?=[A-Z])", "_", name) | lower ~ (
            "_utc" if name.endswith(("PeriodStart", "PeriodEnd")) else ""
        ) %}
        {{ given[column] if column in given else relation ~ column }} as {{ name }},
    {%- endfor %}
{%- endmacro %}
