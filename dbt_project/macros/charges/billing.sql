{#- Joins a provider's name, in lower case, with the provider it means; gateways are nobody's provider. -#}
{% macro join_provider(name, alias="aliases") -%}
    left join
        {{ ref("provider_aliases") }} as {{ alias }} on {{ alias }}.alias = {{ name }} and not {{ alias }}.is_gateway
{%- endmacro %}

{#- Joins the days of accounts that a bill covers to usage or what is like it, as `coverage`. -#}
{% macro join_bill_coverage(of) -%}
    left join
        {{ ref("int_bill_coverage") }} as coverage
        on coverage.provider_id = {{ of }}.provider_id
        and coverage.account_id = coalesce({{ of }}.account_id, '')
        and coverage.usage_date = {{ of }}.usage_date
{%- endmacro %}

{#- Equality of two SKUs; provider and service may be unknown. -#}
{% macro same_sku(left, right) -%}
    {{ left }}.sku_pattern_text = {{ right }}.sku_pattern_text
    and coalesce({{ left }}.provider_id, '') = coalesce({{ right }}.provider_id, '')
    {%- for column in sku_columns() %}
        and {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- What rounding an amount to 12 places moved: the printed text minus the amount, exact to 30 places for amounts below
    10^8 and to 18 above; NULL where the text is missing or no number. -#}
{% macro rounding_moved(text, amount) -%}
    coalesce(
        try_cast({{ text }} as decimal(38, 30)) - try_cast({{ amount }} as decimal(38, 30)),
        cast(try_cast({{ text }} as decimal(38, 18)) - try_cast({{ amount }} as decimal(38, 18)) as decimal(38, 30))
    )
{%- endmacro %}

{#- Lower case, with punctuation other than the point as spaces: names then match as whole words. -#}
{% macro words_of(text) -%} translate(lower({{ text }}), '-_,/():"@', '         ') {%- endmacro %}

{#- What, beside provider and text, decides what a SKU means. -#}
{% macro sku_columns() %}
    {{
        return(
            [
                "service_name",
                "sku_name",
                "sku_product",
                "stated_model",
                "service_category",
                "service_subcategory",
                "consumed_unit",
                "pricing_unit",
            ]
        )
    }}
{% endmacro %}

{#- Meter and product out of Azure's product text "<product> - <meter> - <region>". -#}
{% macro azure_meter_of(text) -%}
    case when {{ text }} like '% - %' then split_part({{ text }}, ' - ', 2) end
{%- endmacro %}

{% macro azure_product_of(text) -%}
    case when {{ text }} like '% - %' then split_part({{ text }}, ' - ', 1) end
{%- endmacro %}

{#- A member of a JSON object by its name, whatever characters that has (JSON pointer), however the name is cased. -#}
{% macro json_member(json, name) -%}
    {{ return(adapter.dispatch("json_member", "llm_cost_ops")(json, name)) }}
{%- endmacro %}

{% macro default__json_member(json, name) -%}
    case
        when json_valid({{ json }}) and json_type({{ json }}) = 'OBJECT'
        then nullif(trim(json_extract_string({{ json }}, '/{{ name | replace("~", "~0") | replace("/", "~1") }}')), '')
    end
{%- endmacro %}

{#- The first of some members that a JSON object has. -#}
{% macro any_member(json, names) -%}
    coalesce({% for name in names %}{{ json_member(json, name) }}{{ ', ' if not loop.last }}{% endfor %}, null)
{%- endmacro %}

{#- A column of the vendor's own (`x_<name>`) out of extra_columns, as it is usually cased, or in lower case with
    underscores. -#}
{% macro vendor_column(json, name) -%}
    coalesce(
        {{ json_member(json, "x_" ~ name) }},
        {{ json_member(json, ("x_" ~ name) | lower) }},
        {{ json_member(json, "X_" ~ name) }}
    )
{%- endmacro %}

{#- What of a reservation's fees a period did not use, as CUR tells it on the fee's line; NULL where the export leaves
    both out. -#}
{% macro unused_reservation_cost() -%}
    {%- set parts = [
        [
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
            "reservation_unused_amortized_upfront_fee_for_billing_period",
        ],
        ["reservation/UnusedRecurringFee", "reservation_unused_recurring_fee"],
    ] %}
    case
        when
            {% for names in parts %}
                {{ any_member("extra_columns", names) }} is not null{{ ' or ' if not loop.last }}
            {% endfor %}
        then
            {% for names in parts %}
                coalesce(
                    try_cast({{ any_member("extra_columns", names) }} as decimal(38, 12)), 0
                ){{ ' + ' if not loop.last }}
            {% endfor %}

    end
{%- endmacro %}

{#- A refund of what a savings plan cost up front. Bills mark it by its description, some by the plan's ARN; refunds of
    a discount on the same product carry neither and stay. -#}
{% macro is_savings_plan_refund() -%}
    (
        line_item_line_item_type = 'Refund'
        and (
            lower(line_item_line_item_description) like 'refund for one-time fee for savings plan id%'
            or savings_plan_savings_plan_arn is not null
        )
    )
{%- endmacro %}

{#- An account as every format spells it: of a path the last segment in lower case (`/subscriptions/<id>`, as Azure's
    FOCUS files write it, is `<id>`, as its own files and events do). A GUID has no case. -#}
{% macro account_of(id) -%}
    case
        when {{ id }} like '/%/_%'
        then lower(regexp_extract({{ id }}, '([^/]+)/*$', 1))
        when {{ id }} like '________-____-____-____-____________'
        then lower({{ id }})
        else {{ id }}
    end
{%- endmacro %}

{#- An account of AWS: twelve digits, whose leading zeros spreadsheets and number columns drop, as do `.0` add, and
    which the console prints in fours. -#}
{% macro aws_account(id) -%}
    case
        when regexp_extract({{ id }}, '^([0-9]{7,12})([.]0+)?$', 1) <> ''
        then lpad(split_part({{ id }}, '.', 1), 12, '0')
        when regexp_extract({{ id }}, '^([0-9]{4}-[0-9]{4}-[0-9]{4})$', 1) <> ''
        then replace({{ id }}, '-', '')
        else {{ id }}
    end
{%- endmacro %}

{#- An account as the charges of its provider have it. -#}
{% macro account_at(id, provider_id) -%}
    case when {{ provider_id }} = 'aws' then {{ aws_account(id) }} else {{ account_of(id) }} end
{%- endmacro %}

{#- Whether a bill's provider is Oracle, as its exports and resellers spell it. -#}
{% macro is_oracle(provider_name) -%}
    (lower({{ provider_name }}) like '%oracle%' or lower({{ provider_name }}) = 'oci')
{%- endmacro %}
