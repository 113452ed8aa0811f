{#- What Spark writes otherwise. Each is the form of a macro of the same name, which says what it means and how DuckDB
    writes it. Another engine is another file like this one. -#}
{% macro spark__surrogate_number(columns) -%}
    cast(conv(substr({{ surrogate_key(columns) }}, 1, 15), 16, 10) as bigint)
{%- endmacro %}

{% macro spark__sorted_text(expression) -%} array_join(sort_array(collect_list({{ expression }})), '|') {%- endmacro %}

{% macro spark__row_fingerprint(columns) -%}
    cast(xxhash64({{ columns | join(", ") }}) as {{ whole_type() }})
{%- endmacro %}

{% macro spark__local_time(instant, zone) -%} from_utc_timestamp({{ instant }}, '{{ zone }}') {%- endmacro %}

{% macro spark__utc_of_local_time(local_time, zone) -%} to_utc_timestamp({{ local_time }}, '{{ zone }}') {%- endmacro %}

{% macro spark__date_spine(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{% macro spark__whole_type() -%} decimal(38, 0) {%- endmacro %}

{#- Spark gives a quotient of decimals 38 digits in all: 26 before the point where the divisor has up to 25. What is
    divided here has no remainder. -#}
{% macro spark__whole_quotient(whole, part) -%}
    cast(
        cast(({{ whole }}) - ({{ whole }}) % ({{ part }}) as decimal(38, 0))
        / cast({{ part }} as decimal(25, 0)) as decimal(38, 0)
    )
{%- endmacro %}

{% macro spark__unresolved_items(column) -%}
    from_json({{ column }}, 'array<struct<key:string,quantity:bigint,reason:string>>')
{%- endmacro %}

{% macro spark__unresolved_item(item, field) -%} {{ item }}.{{ field }} {%- endmacro %}

{% macro spark__whole_share(part, whole, total) -%}
    cast(
        {{
            spark__whole_quotient(
                "cast(" ~ part ~ " as decimal(19, 0)) * cast(" ~ whole ~ " as decimal(19, 0))", total
            )
        }} as bigint
    )
{%- endmacro %}

{% macro spark__percentiles(column, fractions) -%}
    array(
        {%- for fraction in fractions %}
            percentile_disc({{ fraction }}) within group (order by {{ column }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro spark__percentile_at(list, position) -%} element_at({{ list }}, {{ position }}) {%- endmacro %}

{% macro spark__json_member(json, name) -%}
    nullif(trim(try_element_at(from_json({{ json }}, 'map<string,string>'), '{{ name }}')), '')
{%- endmacro %}

{% macro spark__joined_objects(objects) -%}
    to_json(
        map_from_entries(
            concat(
                {%- for object in objects %}
                    {%- set later = objects[loop.index :] %}
                    map_entries(
                        map_filter(
                            {{ _members(object) }},
                            (name, member) -> member is not null
                            {%- for each in later %} and not map_contains_key({{ _members(each) }}, name) {%- endfor %}
                        )
                    ) {{- "," if not loop.last }}
                {%- endfor %}
            )
        )
    )
{%- endmacro %}

{% macro _members(object) -%}
    coalesce(from_json({{ object }}, 'map<string,string>'), from_json('{}', 'map<string,string>'))
{%- endmacro %}

{% macro spark__json_pairs(relation, key, json) -%}
    select distinct {{ key }}, member_key || '=' || member_value as pair
    from
        (
            select
                {{ key }},
                explode(
                    case when left(ltrim({{ json }}), 1) = '{' then from_json({{ json }}, 'map<string,string>') end
                ) as (member_key, member_value)
            from {{ relation }}
        ) as members
{%- endmacro %}

{% macro spark__microseconds_between(start, end) -%} timestampdiff(microsecond, {{ start }}, {{ end }}) {%- endmacro %}

{% macro spark__days_between(start, end) -%} datediff({{ end }}, {{ start }}) {%- endmacro %}

{% macro spark__iso_weekday(day) -%} extract(dayofweek_iso from {{ day }}) {%- endmacro %}

{#- Of a separator of one character. -#}
{% macro spark__split_text(relation, column, separator) -%}
    select {{ column }}, explode(split({{ column }}, '[{{ separator }}]')) as member from {{ relation }}
{%- endmacro %}

{% macro spark__numbered_members(relation, list, member, position) -%}
    select *, {{ position }}_from_0 + 1 as {{ position }}
    from (select *, posexplode({{ list }}) as ({{ position }}_from_0, {{ member }}) from {{ relation }}) as numbered
{%- endmacro %}

{% macro spark__one_row_each(list) -%} explode({{ list }}) {%- endmacro %}

{% macro spark__whole_numbers(first, last) -%} sequence({{ first }}, {{ last }}) {%- endmacro %}

{% macro spark__all_but(relation, columns) -%} {{ relation }}.* except ({{ columns | join(", ") }}) {%- endmacro %}

{% macro spark__list_length(list) -%} array_size({{ list }}) {%- endmacro %}

{#- A backslash in a literal is written twice, and a group in a replacement is $1. -#}
{% macro spark__replaced_everywhere(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern | replace("\\", "\\\\") }}', '{{ replacement | replace("\\", "$") }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%} regexp_like({{ text }}, {{ pattern }}) {%- endmacro %}

{% macro spark__as_pattern(text) -%} '\\\\Q' || {{ text }} || '\\\\E' {%- endmacro %}

{#- The query alone: rows leave a table with their partition (materializations.sql). -#}
{% macro spark__delete_rows(key, named) -%} {{ named }} {%- endmacro %}

{#- dbt's own forms put the instant through a text without a zone. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, {{ interval }}, cast({{ from_date_or_timestamp }} as timestamp))
{%- endmacro %}

{#- Borders of days, months or years that lie between, as DuckDB counts them. -#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == "day" -%} datediff({{ second_date }}, {{ first_date }})
    {%- elif datepart == "month" -%}
        ((year({{ second_date }}) - year({{ first_date }})) * 12 + month({{ second_date }}) - month({{ first_date }}))
    {%- else -%} {{ exceptions.raise_compiler_error("datediff by " ~ datepart ~ " is not written for Spark") }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__failing(words) -%} raise_error({{ words }}) {%- endmacro %}

{#- A union of as many parts as there are meters is planned part by part, for each reader. -#}
{% macro spark__counted_meters(relation, carried, of_requests, counted, billed) -%}
    {%- set meters, rows = usage_meters(), [] -%}
    {%- for each in meters -%}
        {%- set quantities = ["cast(" ~ each.column ~ " as bigint)"] -%}
        {%- do quantities.append("cast(" ~ each.billed ~ " as bigint)") if billed -%}
        {%- do rows.append(
            "'" ~ each.meter ~ "', '" ~ each.unit ~ "', " ~ each.is_token ~ ", " ~ quantities | join(", ")
        ) -%}
    {%- endfor -%}
    select
        {{ carried | join(", ") }},
        meter,
        unit,
        is_token,
        quantity
        {{- ", billed_quantity" if billed }}
        {%- for column, type in of_requests %}
            , case when meter = 'request' then {{ column }} end as {{ column }}
        {%- endfor %}
    from {{ relation }}
    lateral view
        stack({{ meters | length }}, {{ rows | join(", ") }}) as meter,
        unit,
        is_token,
        quantity {{- ", billed_quantity" if billed }}
    where quantity {{ counted }}
{%- endmacro %}

{% macro spark__summed_meters(relation, carried) -%}
    {%- set meters = usage_meters() | map(attribute="meter") | list %}
    select {{ carried | join(", ") }}, meter, quantity
    from {{ relation }}
    lateral view
        stack(
            {{ meters | length }},
            {% for each in meters %} '{{ each }}', {{ each }} {{ ',' if not loop.last }} {% endfor %}
        ) as meter,
        quantity
    where quantity > 0
{%- endmacro %}
