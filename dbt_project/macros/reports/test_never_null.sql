{#- No row lacks one of the columns. One check for all of them, as each check costs a run as much as a small table; what
    is wrong is said by the error: which column, in how many rows. -#}
{% test never_null(model, columns) %}
    with
        counted as (
            select
                {% for column in columns %}
                    count(*) filter (where {{ column }} is null) as {{ column }}{{ "," if not loop.last }}
                {% endfor %}
            from {{ model }}
        ),

        said as (
            select
                concat_ws(
                    '; ',
                    {% for column in columns %}
                        case
                            when {{ column }} > 0 then '{{ column }} is empty in ' || {{ column }} || ' rows'
                        end{{ "," if not loop.last }}
                    {% endfor %}
                ) as words
            from counted
        )

    -- In the filter, as dbt counts rows and would never work out a column.
    select words
    from said
    where case when words <> '' then {{ failing("words") }} is null else false end
{% endtest %}
