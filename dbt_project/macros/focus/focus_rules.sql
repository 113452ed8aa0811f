{#- FOCUS charges with the time when the file or report they are from was landed. -#}
{% macro focus_charges_landed() -%}
    select charges.*, files.landed_at_utc
    from {{ ref("int_focus_charges") }} as charges
    left join
        {{ ref("int_focus_files") }} as files
        on files.charge_origin = {{ charge_origin("charges.charge_source") }}
        and files.file_id = charges._source_file_id
{%- endmacro %}

{#- quantity × unit price to 12 places, where 38 digits hold it exactly before it is rounded; else NULL. -#}
{% macro focus_product(quantity, price) -%}
    case
        when abs({{ quantity }}) < 10000000 and abs({{ price }}) < 10000000
        then cast(cast({{ quantity }} as decimal(19, 12)) * cast({{ price }} as decimal(19, 12)) as decimal(38, 12))
        when
            {{ quantity }} = cast({{ quantity }} as decimal(38, 6))
            and abs({{ quantity }}) < 10000000000000000
            and abs({{ price }}) < 10000
        then cast(cast({{ quantity }} as decimal(22, 6)) * cast({{ price }} as decimal(16, 12)) as decimal(38, 12))
    end
{%- endmacro %}

{#- A text as JSON string. -#}
{% macro json_string(text) -%}
    '"' || replace(replace({{ text }}, chr(92), chr(92) || chr(92)), '"', chr(92) || '"') || '"'
{%- endmacro %}

{#- SkuPriceDetails of a bill with model and meter of ours in front, unless it has them. -#}
{% macro sku_details(details, model, meter) -%}
    case
        when {{ model }} is null and {{ meter }} is null
        then {{ details }}
        when {{ details }} like '%"x_Model"%' or {{ details }} like '%"x_Meter"%'
        then {{ details }}
        else
            '{'
            || coalesce('"x_Model":' || {{ json_string(model) }}, '')
            || case when {{ model }} is not null and {{ meter }} is not null then ',' else '' end
            || coalesce('"x_Meter":' || {{ json_string(meter) }}, '')
            || case
                when replace(coalesce({{ details }}, '{}'), ' ', '') = '{}'
                then '}'
                else ',' || substr(trim({{ details }}), 2)
            end
    end
{%- endmacro %}

{#- A purchase of one unit without a price: what it costs is its price. -#}
{% macro is_single_purchase(quantity, price) -%}
    focus_charge_category = 'Purchase' and {{ quantity }} = 1 and {{ price }} is null and billed_cost >= 0
{%- endmacro %}

{#- Columns of FOCUS that a stated rule fills, and when: `lines` is a row of int_focus_lines, `quantities` of
    int_focus_quantities. -#}
{% macro focus_derived_columns() %}
    {{
        return(
            {
                "BillingAccountId": "lines.billing_account_id is null",
                "BillingAccountType": "lines.billing_account_type is null",
                "BillingCurrency": "lines.billing_currency is null",
                "BillingPeriodStart": "lines.billing_period_start_utc is null",
                "ChargeFrequency": "lines.charge_frequency is null",
                "ChargePeriodEnd": "lines.charge_period_end_utc is null",
                "ConsumedQuantity": "quantities.is_quantity_from_usage",
                "ContractedCost": "lines.contracted_cost is null",
                "ContractedUnitPrice": (
                    "lines.contracted_unit_price is null and lines.focus_charge_category = 'Purchase'"
                    " and lines.pricing_quantity = 1"
                ),
                "ListUnitPrice": (
                    "lines.list_unit_price is null and lines.focus_charge_category = 'Purchase'"
                    " and lines.pricing_quantity = 1"
                ),
                "HostProviderName": "lines.host_provider_name is null",
                "InvoiceIssuerName": "lines.invoice_issuer_name is null",
                "ListCost": "lines.list_cost is null",
                "PricingCurrency": "lines.pricing_currency is null",
                "PricingCategory": (
                    "lines.pricing_category is null and lines.focus_charge_category in ('Usage', 'Purchase')"
                ),
                "RegionName": "lines.region_name is null and lines.region_id is not null",
                "ServiceCategory": "lines.service_category is null",
                "ServiceName": "lines.service_name is null",
                "ServiceProviderName": "lines.service_provider_name is null",
                "SkuId": "lines.sku_id is null and lines.focus_charge_category in ('Usage', 'Purchase')",
                "SkuPriceId": "lines.sku_price_id is null and lines.focus_charge_category in ('Usage', 'Purchase')",
                "SubAccountName": "lines.sub_account_name is null and lines.sub_account_id is not null",
            }
        )
    }}
{% endmacro %}

{#- A value of FOCUS in the standard's spelling; others stay as they are. -#}
{% macro spelled(column, values) -%}
    case
        lower({{ column }})
        {%- for value in values %} when '{{ value | lower }}' then '{{ value }}' {%- endfor %}
        else {{ column }}
    end
{%- endmacro %}
