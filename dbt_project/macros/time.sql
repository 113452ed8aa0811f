{#- First day of the month of a date. -#}
{% macro month_of(day) -%} cast(date_trunc('month', {{ day }}) as date) {%- endmacro %}

{#- The calendar month of a day or instant, half-open: what it is billed in where nobody says so. -#}
{% macro month_start(moment) -%} cast(date_trunc('month', {{ moment }}) as timestamp) {%- endmacro %}

{% macro month_end(moment) -%} {{ month_start(moment) }} + interval '1' month {%- endmacro %}

{#- The month that a charge is billed in. A period of a month that begins in the last hours of another one, in UTC, is
    the month of a place further east: that of the day after its start. Periods of a day begin in their own month. -#}
{% macro billing_month(charges) -%}
    {%- set start = charges ~ ".billing_period_start_utc" -%}
    cast(
        date_trunc(
            'month',
            coalesce(
                case
                    when {{ charges }}.billing_period_end_utc > {{ start }} + interval '3' day
                    then {{ start }} + interval '1' day
                    else {{ start }}
                end,
                {{ charges }}.charge_period_start_utc
            )
        ) as date
    )
{%- endmacro %}

{% macro microseconds_between(start, end) -%}
    {{ return(adapter.dispatch("microseconds_between", "llm_cost_ops")(start, end)) }}
{%- endmacro %}

{% macro default__microseconds_between(start, end) -%}
    cast(extract(epoch from {{ end }}) * 1000000 - extract(epoch from {{ start }}) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__microseconds_between(start, end) -%}(epoch_us({{ end }}) - epoch_us({{ start }})) {%- endmacro %}

{#- The lower of the two middle values: one that occurs. -#}
{% macro median_of(expression) -%}
    {{ return(adapter.dispatch("median_of", "llm_cost_ops")(expression)) }}
{%- endmacro %}

{% macro default__median_of(expression) -%}
    percentile_disc(0.5) within group (order by {{ expression }})
{%- endmacro %}

{#- One row per day from the day of one expression to that of another, both inclusive, as column date_day. -#}
{% macro date_spine(first_day, last_day) -%}
    {{ return(adapter.dispatch("date_spine", "llm_cost_ops")(first_day, last_day)) }}
{%- endmacro %}

{% macro default__date_spine(first_day, last_day) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1' day)) as date) as date_day
{%- endmacro %}

{#- The n-th word of a list, counted from 1. -#}
{% macro word_of(number, words) -%}
    case {{ number }} {%- for word in words %} when {{ loop.index }} then '{{ word }}'{% endfor %} end
{%- endmacro %}

{#- First day after the calendar period of a day; a column names the period. -#}
{% macro next_period_date(period, day) -%}
    cast(
        case
            {{ period }}
            {%- for name, length in [
                ("day", "'1' day"),
                ("week", "'7' day"),
                ("month", "'1' month"),
                ("quarter", "'3' month"),
            ] %}
                when '{{ name }}' then date_trunc('{{ name }}', {{ day }}) + interval {{ length }}
            {%- endfor %}
            else date_trunc('year', {{ day }}) + interval '1' year
        end as date
    )
{%- endmacro %}

{% macro days_between(start, end) -%}
    {{ return(adapter.dispatch("days_between", "llm_cost_ops")(start, end)) }}
{%- endmacro %}

{% macro default__days_between(start, end) -%} ({{ end }} - {{ start }}) {%- endmacro %}

{% macro duckdb__days_between(start, end) -%} date_diff('day', {{ start }}, {{ end }}) {%- endmacro %}

{#- Rows of `relation` with a text column taken apart, as column member. -#}
{% macro split_text(relation, column, separator) -%}
    {{ return(adapter.dispatch("split_text", "llm_cost_ops")(relation, column, separator)) }}
{%- endmacro %}

{% macro default__split_text(relation, column, separator) -%}
    select {{ column }}, unnest(string_to_array({{ column }}, '{{ separator }}')) as member from {{ relation }}
{%- endmacro %}
