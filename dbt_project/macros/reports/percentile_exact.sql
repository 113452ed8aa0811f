{#
  The smallest observed value that at least `fraction` of the values do not exceed (the inverse of the
  empirical distribution): always a value that occurred, so money keeps its decimals. NULLs are left out.
#}
{% macro percentile_exact(column, fraction) -%}
    {{ return(adapter.dispatch('percentile_exact')(column, fraction)) }}
{%- endmacro %}

{% macro default__percentile_exact(column, fraction) -%}
    percentile_disc({{ fraction }}) within group (order by {{ column }})
{%- endmacro %}
