{#- Hash of several columns. Parts are joined by the unit separator, which no identifier contains,
    and NULL has a mark of its own, so that ('a', NULL) and ('a', '') differ. -#}
{% macro surrogate_key(columns) -%}
    md5({% for column in columns -%}
        coalesce(cast({{ column }} as varchar), chr(30))
        {%- if not loop.last %} || chr(31) || {% endif -%}
    {%- endfor %})
{%- endmacro %}

{#- All values of a group as one text, in order: the same text for the same set. -#}
{% macro sorted_text(expression) -%}
    {{ return(adapter.dispatch('sorted_text', 'llm_cost_ops')(expression)) }}
{%- endmacro %}

{% macro default__sorted_text(expression) -%}
    string_agg({{ expression }}, '|' order by {{ expression }})
{%- endmacro %}

{% macro spark__sorted_text(expression) -%}
    array_join(sort_array(collect_list({{ expression }})), '|')
{%- endmacro %}
