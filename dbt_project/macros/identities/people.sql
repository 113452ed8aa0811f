{#- What models show of people, decided where rows enter: in a home of pseudonyms every id is replaced in staging, and a
    text that mentions somebody by the same text without them. Python fills the substitutes before models run
    (orchestration/identities); with `delivered` ids the macros leave columns as they are. -#}
{% macro has_pseudonyms() %} {{ return(var("identities") == "pseudonyms") }} {% endmacro %}

{#- A column whose whole value is somebody's id. One that nobody was looked up for is never shown. -#}
{% macro person(column) -%}
    {%- if has_pseudonyms() -%}
        case when {{ column }} is not null then coalesce({{ _substitute("person", column) }}, 'person-unresolved') end
    {%- else -%} {{ column }}
    {%- endif -%}
{%- endmacro %}

{#- Both for what was written down while marts had pseudonyms: with delivered ids it is the id again. -#}
{% macro person_again(column) -%}
    {%- if has_pseudonyms() -%} {{ person(column) }} {%- else -%} {{ _delivered(column) }} {%- endif -%}
{%- endmacro %}

{% macro without_people_again(column) -%}
    {%- if has_pseudonyms() -%} {{ without_people(column) }} {%- else -%} {{ _delivered(column) }} {%- endif -%}
{%- endmacro %}

{#- Columns of the look-up have names of their own: `user_id` would otherwise be that of the look-up. -#}
{% macro _delivered(column) -%}
    coalesce(
        (
            select max(people.delivered_id)
            from
                (
                    select pseudonym as known_pseudonym, user_id as delivered_id from {{ source("identity", "people") }}
                ) as people
            where people.known_pseudonym = {{ column }}
        ),
        {{ column }}
    )
{%- endmacro %}

{#- A column that may mention somebody. -#}
{% macro without_people(column) -%}
    {%- if has_pseudonyms() -%} coalesce({{ _substitute("text", column) }}, {{ column }})
    {%- else -%} {{ column }}
    {%- endif -%}
{%- endmacro %}

{% macro _substitute(kind, column) -%}
    (
        select max(substitutes.shown)
        from {{ source("identity", "substitutes") }} as substitutes
        where substitutes.kind = '{{ kind }}' and substitutes.delivered = {{ column }}
    )
{%- endmacro %}

{#- What days of usage are built with besides their files: mode, key, and texts that are shown otherwise since. -#}
{% macro people_epoch() -%}
    {%- if has_pseudonyms() -%} coalesce((select max(epoch) from {{ source("identity", "epochs") }}), '')
    {%- else -%} ''
    {%- endif -%}
{%- endmacro %}
