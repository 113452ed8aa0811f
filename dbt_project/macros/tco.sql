{#- The position-th (from 1) of equal parts of an amount that is not negative, below 10^13: parts differ by at most 10^-12,
    the first ones take what is over, and all of them together are the amount. -#}
{% macro equal_part(amount, parts, position) -%}
    {%- set units = 'cast(cast(' ~ amount ~ ' as decimal(25, 12)) * cast(1000000000000 as decimal(13, 0)) as ' ~ units_type() ~ ')' -%}
    cast(
            cast({{ units_divided(units, parts) }} + case when {{ position }} <= {{ units }} % {{ parts }} then 1 else 0 end as decimal(26, 0))
            * cast(0.000000000001 as decimal(12, 12))
        as decimal(38, 12))
{%- endmacro %}

{% macro units_type() -%}
    {{ return(adapter.dispatch('units_type', 'llm_cost_ops')()) }}
{%- endmacro %}

{% macro default__units_type() -%}
    hugeint
{%- endmacro %}

{% macro spark__units_type() -%}
    decimal(26, 0)
{%- endmacro %}

{% macro units_divided(units, parts) -%}
    {{ return(adapter.dispatch('units_divided', 'llm_cost_ops')(units, parts)) }}
{%- endmacro %}

{% macro default__units_divided(units, parts) -%}
    ({{ units }} // {{ parts }})
{%- endmacro %}

{% macro spark__units_divided(units, parts) -%}
    cast(({{ units }} - {{ units }} % {{ parts }}) / {{ parts }} as decimal(26, 0))
{%- endmacro %}
