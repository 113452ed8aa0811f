{#
  The measures that every cost rollup carries, in the order of its contract: money first, then counts.
  `sum_cost_measures` adds them up from any relation that has them.
#}
{% macro cost_money_columns() -%}
    {{ return(["spend_usd", "billed_spend_usd", "list_cost_usd", "contracted_cost_usd"]) }}
{%- endmacro %}

{% macro cost_count_columns() -%}
    {{
        return(
            ["request_count", "input_tokens", "cache_read_tokens", "output_tokens", "total_tokens", "unpriced_tokens"]
        )
    }}
{%- endmacro %}

{% macro sum_cost_measures() -%}
    {%- for column in cost_money_columns() %} cast(sum({{ column }}) as decimal(38, 12)) as {{ column }}, {%- endfor %}
    case
        when min(cost_basis) = max(cost_basis) then min(cost_basis) when min(cost_basis) is not null then 'mixed'
    end as cost_basis,
    {%- for column in cost_count_columns() %}
        cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
