{#- Small words of SQL that engines spell differently, as DuckDB spells them; `macros/spark/functions.sql` has the forms
    of Spark. -#}
{#- All columns of a relation but some. -#}
{% macro all_but(relation, columns) -%}
    {{ return(adapter.dispatch("all_but", "llm_cost_ops")(relation, columns)) }}
{%- endmacro %}

{% macro default__all_but(relation, columns) -%} {{ relation }}.* exclude ({{ columns | join(", ") }}) {%- endmacro %}

{#- One row for each member of a list, in a select list. -#}
{% macro one_row_each(list) -%} {{ return(adapter.dispatch("one_row_each", "llm_cost_ops")(list)) }} {%- endmacro %}

{% macro default__one_row_each(list) -%} unnest({{ list }}) {%- endmacro %}

{#- List of whole numbers, both ends included. -#}
{% macro whole_numbers(first, last) -%}
    {{ return(adapter.dispatch("whole_numbers", "llm_cost_ops")(first, last)) }}
{%- endmacro %}

{% macro default__whole_numbers(first, last) -%} generate_series({{ first }}, {{ last }}) {%- endmacro %}

{#- Rows of `relation` once for each member of a list, with the member and its position from 1. -#}
{% macro numbered_members(relation, list, member, position) -%}
    {{ return(adapter.dispatch("numbered_members", "llm_cost_ops")(relation, list, member, position)) }}
{%- endmacro %}

{% macro default__numbered_members(relation, list, member, position) -%}
    select *, unnest({{ list }}) as {{ member }}, generate_subscripts({{ list }}, 1) as {{ position }}
    from {{ relation }} as listed
{%- endmacro %}

{#- Two lists in one; a list that is NULL adds nothing. -#}
{% macro joined_lists(first, second) -%}
    concat(coalesce({{ first }}, {{ no_words() }}), coalesce({{ second }}, {{ no_words() }}))
{%- endmacro %}

{#- A list of texts without any. -#}
{% macro no_words() -%} array_distinct(filter(split('', ' '), word -> word <> '')) {%- endmacro %}

{% macro list_length(list) -%} {{ return(adapter.dispatch("list_length", "llm_cost_ops")(list)) }} {%- endmacro %}

{% macro default__list_length(list) -%} array_length({{ list }}) {%- endmacro %}

{#- Whether a regular expression, given as SQL, occurs in a text. -#}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch("matches", "llm_cost_ops")(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%} regexp_matches({{ text }}, {{ pattern }}) {%- endmacro %}

{#- A text as a regular expression that matches it and nothing else. -#}
{% macro as_pattern(text) -%} {{ return(adapter.dispatch("as_pattern", "llm_cost_ops")(text)) }} {%- endmacro %}

{% macro default__as_pattern(text) -%} regexp_escape({{ text }}) {%- endmacro %}

{#- A text with every occurrence of a regular expression replaced; groups are \1, \2. -#}
{% macro replaced_everywhere(text, pattern, replacement) -%}
    {{ return(adapter.dispatch("replaced_everywhere", "llm_cost_ops")(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{#- One JSON object of the members of several, any of them NULL; of two members of a name the later one's counts. -#}
{% macro joined_objects() -%} {{ return(adapter.dispatch("joined_objects", "llm_cost_ops")(varargs)) }} {%- endmacro %}

{% macro default__joined_objects(objects) -%}
    cast(
        json_merge_patch(
            {%- for object in objects %}
                case when json_valid({{ object }}) then {{ object }} else '{}' end {{- "," if not loop.last }}
            {%- endfor %}
        ) as string
    )
{%- endmacro %}

{#- Day of the week, 1 is Monday. -#}
{% macro iso_weekday(day) -%} {{ return(adapter.dispatch("iso_weekday", "llm_cost_ops")(day)) }} {%- endmacro %}

{% macro default__iso_weekday(day) -%} extract(isodow from {{ day }}) {%- endmacro %}

{#- Never a value: the query fails with these words. -#}
{% macro failing(words) -%} {{ return(adapter.dispatch("failing", "llm_cost_ops")(words)) }} {%- endmacro %}

{% macro default__failing(words) -%} error({{ words }}) {%- endmacro %}
