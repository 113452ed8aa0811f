{#- Whether an effective-dated row holds on a day: half-open, from the start of the day. -#}
{% macro valid_on(relation, day) -%}
    {{ relation }}.valid_from_utc <= cast({{ day }} as timestamp)
    and {{ relation }}.valid_to_utc > cast({{ day }} as timestamp)
{%- endmacro %}

{#- The day that "today" means in dimensions, so that they show what is valid when they are built: that of the run's
    clock, else of the real one. -#}
{% macro today() -%}
    {%- set told = env_var("COSTOPS_TODAY", "") if execute else "" -%}
    cast('{{ told or run_started_at.strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}

{#- 1 for the row of an id that is valid today, else for its latest one. -#}
{% macro current_rank(id) -%}
    row_number() over (
        partition by {{ id }}
        order by
            case when {{ valid_on("source", today()) }} then 0 else 1 end,
            source.valid_from_utc desc,
            source.valid_to_utc desc
    )
{%- endmacro %}

{#- 'key=value' of every member of a JSON object, one row each; rows without a valid object give none. -#}
{% macro json_pairs(relation, key, json) -%}
    {{ return(adapter.dispatch("json_pairs", "llm_cost_ops")(relation, key, json)) }}
{%- endmacro %}

{#- By json_each and not by a path: a key may hold quotes, dots or nothing at all. -#}
{% macro default__json_pairs(relation, key, json) -%}
    select distinct objects.{{ key }}, members.key || '=' || json_extract_string(members.value, '$') as pair
    from
        (
            select
                {{ key }},
                case
                    when json_valid({{ json }}) and left(ltrim({{ json }}), 1) = '{' then {{ json }} else '{}'
                end as object
            from {{ relation }}
        ) as objects,
        lateral json_each(objects.object) as members
{%- endmacro %}
