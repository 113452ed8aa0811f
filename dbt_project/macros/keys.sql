{#- Hash of several columns. Parts are joined by the unit separator, which no identifier contains,
    and NULL has a mark of its own, so that ('a', NULL) and ('a', '') differ. -#}
{% macro surrogate_key(columns) -%}
    md5(
        {% for column in columns -%}
            coalesce(cast({{ column }} as string), chr(30)) {%- if not loop.last %} || chr(31) || {% endif -%}
        {%- endfor %}
    )
{%- endmacro %}

{#- The same as a number of 60 bits: what large tables are grouped and joined by. -#}
{% macro surrogate_number(columns) -%}
    {{ return(adapter.dispatch("surrogate_number", "llm_cost_ops")(columns)) }}
{%- endmacro %}

{% macro default__surrogate_number(columns) -%}
    cast('0x' || substr({{ surrogate_key(columns) }}, 1, 15) as bigint)
{%- endmacro %}

{#- All values of a group as one text, in order: the same text for the same set. -#}
{% macro sorted_text(expression) -%}
    {{ return(adapter.dispatch("sorted_text", "llm_cost_ops")(expression)) }}
{%- endmacro %}

{% macro default__sorted_text(expression) -%}
    string_agg({{ expression }}, '|' order by {{ expression }})
{%- endmacro %}

{#- A whole number that differs where any of the columns does; sums of it tell sets of rows apart, whatever their
    order. -#}
{% macro row_fingerprint(columns) -%}
    {{ return(adapter.dispatch("row_fingerprint", "llm_cost_ops")(columns)) }}
{%- endmacro %}

{% macro default__row_fingerprint(columns) -%}
    cast(hash({{ columns | join(", ") }}) as {{ whole_type() }})
{%- endmacro %}
