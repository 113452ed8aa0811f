{#- Days of the reporting time zone (var reporting_time_zone, an IANA name), made of UTC hours. An hour belongs to the
    day on which it begins there, so that a day is a whole number of hours: 23, 24 or 25. -#}
{% macro reporting_zone_is_utc() -%} {{ return(var("reporting_time_zone") == "UTC") }} {%- endmacro %}

{#- A UTC instant as clocks of the reporting zone show it. -#}
{% macro reporting_time(instant) -%}
    {%- if reporting_zone_is_utc() -%} {{ return(instant) }}
    {%- else -%} {{ return(adapter.dispatch("local_time", "llm_cost_ops")(instant, var("reporting_time_zone"))) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_time(instant, zone) -%} timezone('{{ zone }}', timezone('UTC', {{ instant }})) {%- endmacro %}

{#- The instant at which clocks of a zone show a time; engines differ on times that occur twice. -#}
{% macro default__utc_of_local_time(local_time, zone) -%}
    timezone('UTC', timezone('{{ zone }}', {{ local_time }}))
{%- endmacro %}

{#- The day of the reporting zone on which a UTC hour begins. -#}
{% macro reporting_date(hour_utc) -%} cast({{ reporting_time(hour_utc) }} as date) {%- endmacro %}

{#- The first UTC hour that begins on a day of the reporting zone. Midnight may occur twice or never, and lie within an
    hour: a guess is rounded up to the hour, and where the hour before is of the same day, that one is it. -#}
{% macro reporting_day_start(day) -%}
    {%- if reporting_zone_is_utc() -%} cast({{ day }} as timestamp)
    {%- else -%}
        {%- set midnight = adapter.dispatch("utc_of_local_time", "llm_cost_ops")(
            "cast(" ~ day ~ " as timestamp)", var("reporting_time_zone")
        ) -%}
        {%- set guess = "cast(date_trunc('hour', " ~ midnight ~ " + interval '59' minute) as timestamp)" -%}
        {%- set before = guess ~ " - interval '1' hour" -%}
        case when {{ reporting_date(before) }} = {{ day }} then {{ before }} else {{ guess }} end
    {%- endif -%}
{%- endmacro %}

{#- A UTC instant on the clock of the reporting zone, with the offset that tells the hours of a doubled one apart:
    2026-10-25 02:00 +01:00. -#}
{% macro reporting_clock(instant) -%}
    {%- if reporting_zone_is_utc() -%} substr(cast({{ instant }} as string), 1, 16) || ' +00:00'
    {%- else -%}
        {%- set local_time = reporting_time(instant) -%}
        {%- set minutes = "cast(" ~ microseconds_between(instant, local_time) ~ " / 60000000 as bigint)" -%}
        substr(cast({{ local_time }} as string), 1, 16)
        || case when {{ minutes }} < 0 then ' -' else ' +' end
        || lpad(cast(cast(floor(abs({{ minutes }}) / 60) as bigint) as string), 2, '0')
        || ':'
        || lpad(cast(abs({{ minutes }}) % 60 as string), 2, '0')
    {%- endif -%}
{%- endmacro %}

{#- Days of usage with the fingerprint of what their sums in the reporting zone are made from: another zone rebuilds
    them. -#}
{% macro reporting_day_fingerprints(day_fingerprints, built) -%}
    (
        select
            usage_date,
            inputs_fingerprint
            || '-{{ var("reporting_time_zone") }}-{{ logic_checksum([built.identifier]) }}' as inputs_fingerprint
        from {{ day_fingerprints }}
    )
{%- endmacro %}
