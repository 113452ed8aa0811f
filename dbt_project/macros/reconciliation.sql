{#- What one comparison of metered with billed is about. -#}
{% macro reconciliation_cell() %}
    {{ return(['provider_id', 'account_id', 'cell_date', 'model_key', 'meter_key']) }}
{% endmacro %}

{#- Equality of two cells. -#}
{% macro same_cell(left, right) -%}
    {% for column in reconciliation_cell() -%}
    {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The residual classes in order of precedence: the first whose evidence holds takes the difference. -#}
{% macro residual_classes() %}
    {{ return(['tax', 'credit', 'unpriced_sku', 'tier_or_context_misrated', 'cut_off', 'late_arrival', 'in_cost_not_in_usage',
        'in_usage_not_in_cost', 'fx', 'negotiated_discount', 'rounding', 'unknown']) }}
{% endmacro %}

{#- First day of the month of a date. -#}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#- An amount times a factor of four places, rounded once. -#}
{% macro scaled(amount, factor) -%}
    cast(cast({{ amount }} as decimal(24, 12)) * cast({{ factor }} as decimal(10, 4)) as decimal(38, 12))
{%- endmacro %}
