{#- A percentage for people to read, NULL when it cannot be computed; like `ratio`, divided in double and rounded
    once. -#}
{% macro percent(numerator, denominator, places=6) -%}
    {%- set quotient -%}
        100 * cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
    {%- endset -%}
    {{ rounded(quotient, places) }}
{%- endmacro %}
