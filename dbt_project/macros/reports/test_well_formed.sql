{#- What holds of a table's own rows, as one check, since each check costs a run as much as a small table. What is wrong
    is said by the error: which column, which rule, how many. Never a value, which came from outside.

    never_null: columns that every row has. unique: columns of which no two rows have the same value, but for NULL.
    one_row_per: columns of whose combinations each has one row, NULL a value of its own. accepted_values: by column,
    what it may be, but for NULL. -#}
{% test well_formed(model, never_null=[], unique=[], one_row_per=[], accepted_values={}) %}
    {%- set counted, repeated = [], [] -%}
    {%- for column in never_null -%}
        {%- do counted.append((column ~ " is null", "rows without " ~ column)) -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- set listed = [] -%}
        {%- for value in values -%} {%- do listed.append(literal(value)) -%} {%- endfor -%}
        {%- do counted.append(
            (
                column ~ " not in (" ~ listed | join(", ") ~ ")",
                "rows whose " ~ column ~ " is none of its values",
            )
        ) -%}
    {%- endfor -%}
    {%- for column in unique -%}
        {%- do repeated.append(
            (column, "where " ~ column ~ " is not null", "values of " ~ column ~ " in more than one row")
        ) -%}
    {%- endfor -%}
    {%- if one_row_per -%}
        {%- set columns = one_row_per | join(", ") -%}
        {%- do repeated.append((columns, "", "combinations of " ~ columns ~ " in more than one row")) -%}
    {%- endif -%}
    with
        counted as (
            select
                {% for condition, _ in counted %}
                    count(*) filter (where {{ condition }}) as counted_{{ loop.index }},
                {% endfor %}
                count(*) as row_count
            from {{ model }}
        ),

        found as (
            select
                *
                {%- for columns, condition, _ in repeated %}
                    ,
                    (
                        select count(*)
                        from
                            (
                                select {{ columns }}
                                from {{ model }} {{ condition }}
                                group by {{ columns }}
                                having count(*) > 1
                            ) as repeated
                    ) as repeated_{{ loop.index }}
                {%- endfor %}
            from counted
        ),

        said as (
            select
                concat_ws(
                    '; '
                    {%- for _, words in counted %}
                        , case when counted_{{ loop.index }} > 0 then '{{ words }}: ' || counted_{{ loop.index }} end
                    {%- endfor %}
                    {%- for _, _, words in repeated %}
                        , case when repeated_{{ loop.index }} > 0 then '{{ words }}: ' || repeated_{{ loop.index }} end
                    {%- endfor %}
                ) as words
            from found
        )

    -- In the filter, as dbt counts rows and would never work out a column.
    select words
    from said
    where case when words <> '' then {{ failing("words") }} is null else false end
{% endtest %}

{#- A value of YAML as SQL has it. -#}
{% macro literal(value) %}
    {{ return("'" ~ value | replace("'", "''") ~ "'" if value is string else value) }}
{% endmacro %}
