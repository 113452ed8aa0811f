{#- Allocation in the words of FOCUS: what is added up when a charge is split, and how its parts say who and why. -#}
{#- Costs of a charge that its parts sum to. -#}
{% macro focus_split_costs() %}
    {{ return(["billed_cost", "effective_cost", "contracted_cost", "list_cost", "pricing_currency_effective_cost"]) }}
{% endmacro %}

{#- Quantities of a charge that its parts sum to. -#}
{% macro focus_split_quantities() %}
    {{ return(["consumed_quantity", "pricing_quantity", "commitment_discount_quantity"]) }}
{% endmacro %}

{#- What a charge and its spend line have in common. The account of a line is the sub-account, else the billing
    account. -#}
{% macro charge_line_key(day, sub_account, last_day) -%}
    {{
        surrogate_key(
            [
                day,
                "provider_id",
                sub_account,
                "billing_account_id",
                "model_id",
                "charge_category",
                "service_name",
                "tags",
                "is_llm_charge",
                "cost_kind",
                last_day,
            ]
        )
    }}
{%- endmacro %}

{#- Whether a quantity is beyond what is split to 12 places: bytes held for a month are 10^18 byte-seconds. -#}
{% macro is_large_quantity(quantity) -%} abs({{ quantity }}) >= cast(10000000000000 as decimal(38, 12)) {%- endmacro %}

{#- A quantity as split_exactly takes it, below 10^25. Of a large one, its whole units stand in the places of
    10^-12. -#}
{% macro quantity_to_split(quantity) -%}
    case
        when {{ is_large_quantity(quantity) }}
        then {{ from_units("cast(floor(" ~ quantity ~ ") as " ~ whole_type() ~ ")") }}
        else {{ quantity }}
    end
{%- endmacro %}

{#- The part of it; of a large one, the fraction of a unit goes with one part. -#}
{% macro quantity_split(part, quantity, takes_fraction) -%}
    case
        when {{ is_large_quantity(quantity) }}
        then
            cast(
                cast({{ to_units(part) }} as decimal(25, 0)) + case
                    when {{ takes_fraction }}
                    then cast({{ quantity }} - floor({{ quantity }}) as decimal(12, 12))
                    else cast(0 as decimal(12, 12))
                end as decimal(38, 12)
            )
        else {{ part }}
    end
{%- endmacro %}

{#- A decimal as JSON number, without zeros that say nothing. -#}
{% macro json_number(number) -%}
    trim(trailing '.' from trim(trailing '0' from cast(cast({{ number }} as decimal(38, 12)) as string)))
{%- endmacro %}

{#- JSON object of (key, JSON text) pairs without those that are NULL; NULL where all are. -#}
{% macro json_object(pairs) -%}
    '{' || nullif(
        substr(
            {%- for key, json in pairs %}
                coalesce(',"{{ key }}":' || {{ json }}, '') {{- ' ||' if not loop.last }}
            {%- endfor %},
            2
        ),
        ''
    )
    || '}'
{%- endmacro %}

{#- What a part is in proportion to, as unit. -#}
{% macro allocation_unit(metric) -%}
    case
        {{ metric }}
        when 'metered_cost_usd'
        then 'USD'
        when 'spend_usd'
        then 'USD'
        when 'amount_usd'
        then 'USD'
        when 'total_tokens'
        then 'Tokens'
        when 'input_tokens'
        then 'Input Tokens'
        when 'output_tokens'
        then 'Output Tokens'
        when 'request_count'
        then 'Requests'
        when 'gpu_seconds'
        then 'GPU-Seconds'
        when 'weight'
        then 'Shares'
        when 'percent'
        then 'Percent'
        else {{ metric }}
    end
{%- endmacro %}
