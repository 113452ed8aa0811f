{#- The items of unresolved_usage, JSON text of a list of objects, and one field of an item as text. -#}
{% macro unresolved_items(column) -%}
    {{ return(adapter.dispatch("unresolved_items", "llm_cost_ops")(column)) }}
{%- endmacro %}

{% macro default__unresolved_items(column) -%} cast({{ column }} as json[]) {%- endmacro %}

{% macro unresolved_item(item, field) -%}
    {{ return(adapter.dispatch("unresolved_item", "llm_cost_ops")(item, field)) }}
{%- endmacro %}

{% macro default__unresolved_item(item, field) -%} json_extract_string({{ item }}, '$.{{ field }}') {%- endmacro %}
