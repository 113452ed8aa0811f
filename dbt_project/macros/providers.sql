{#- Which providers report, and what of each the warehouse takes. A provider is one entry of the variable `api_sources`
    and a file of `macros/providers`: `<name>_usage()` selects reported usage (see reported_usage), `<name>_charges()`
    reported charges (charge_columns and `account_id`), and `<name>_charge_source()` says what its charges are called
    where that is not `<name>_api`. What a provider does not report it has no macro for. -#}
{#- Sources that are pulled from provider APIs or exports; each has a `pulls` table. -#}
{% macro api_sources() %} {{ return(var("api_sources").keys() | list) }} {% endmacro %}

{#- Those that report `usage` or `charges`. -#}
{% macro sources_that_report(what) %}
    {%- set found = [] -%}
    {%- for name in api_sources() if name ~ "_" ~ what in context -%} {%- do found.append(name) -%} {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- What the charges of a source are called. -#}
{% macro charge_source_of(name) %}
    {{ return(context[name ~ "_charge_source"]() if name ~ "_charge_source" in context else name ~ "_api") }}
{% endmacro %}

{#- The kinds of charges that come from reports whose names end otherwise than with `but`, as a list in SQL. -#}
{% macro reported_charge_sources(ends="", but=none) %}
    {%- set found = [] -%}
    {%- for name in sources_that_report("charges") -%}
        {%- set source = charge_source_of(name) -%}
        {%- if source.endswith(ends) and (but is none or not source.endswith(but)) -%}
            {%- do found.append("'" ~ source ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return("(" ~ found | join(", ") ~ ")") }}
{% endmacro %}

{#- The source that freshness and completeness name for a charge: 'billing' for files, 'api/<name>' for reports and
    exports. -#}
{% macro charge_origin(charge_source) -%}
    case
        {{ charge_source }}
        {%- for name in sources_that_report("charges") %}
            when '{{ charge_source_of(name) }}' then 'api/{{ name }}'
        {%- endfor %}
        else 'billing'
    end
{%- endmacro %}

{#- The source of a usage row: its event source, which for a report is the report's. -#}
{% macro usage_origin(event_source) -%}
    case when {{ event_source }} like 'api/%' then {{ event_source }} else 'events/' || {{ event_source }} end
{%- endmacro %}
