{#- quantity × price per unit, exact: a whole quantity below 10^18 times a price below 10^8 with 12 decimals. -#}
{% macro priced(quantity, price) -%}
    cast(cast({{ quantity }} as decimal(18, 0)) * cast({{ price }} as decimal(20, 12)) as decimal(38, 12))
{%- endmacro %}

{#- A sum of money that stays decimal(38,12) on every engine. -#}
{% macro money_sum(expression) -%}
    cast(sum({{ expression }}) as decimal(38, 12))
{%- endmacro %}

{#- A ratio for people to read: NULL when it cannot be computed, rounded once, never added up. Dividing
    decimals differs by engine, so the division is in double and the result has few places. -#}
{% macro ratio(numerator, denominator, places=6) -%}
    cast(round(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0), {{ places }}) as decimal(38, 12))
{%- endmacro %}
