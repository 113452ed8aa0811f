{#- Parts of a GPU: 840 of them make a whole one, so that one to eight equal parts and the sevenths of a sliced GPU are
    whole numbers. -#}
{% macro whole_gpu_parts() %} {{ return(840) }} {% endmacro %}

{#- An hour of a whole GPU in the unit that its split is counted in: microseconds × parts × millionths of use. -#}
{% macro whole_gpu_hour() -%}
    cast({{ 3600 * 1000000 * whole_gpu_parts() * 1000000 }} as {{ whole_type() }})
{%- endmacro %}

{#- What falls to the stretch from one running sum to the next of an amount that is split over a whole, exactly: the
    stretches of a whole add up to the amount, whatever is rounded within. -#}
{% macro stretch_of(amount, start, stop, whole) -%}
    {%- set units = to_units(amount) -%}
    {{ from_units(cut_of(units, stop, whole) ~ " - " ~ cut_of(units, start, whole)) }}
{%- endmacro %}

{#- What of an amount in whole units falls before a running sum, rounded towards 0. At both ends, where most cuts are,
    nothing is divided: a wide division takes a microsecond. -#}
{% macro cut_of(units, until, whole) -%}
    case
        when {{ until }} = {{ whole }} and {{ whole }} > 0
        then {{ units }}
        when {{ until }} = 0 and {{ whole }} > 0
        then 0 * {{ units }}
        else case when {{ units }} < 0 then -1 else 1 end * {{ whole_quotient("abs(" ~ units ~ ") * " ~ until, whole) }}
    end
{%- endmacro %}

{#- An amount of another currency, below 10^7, in dollars. -#}
{% macro in_dollars(amount, currency, usd_per_unit) -%}
    case
        when {{ currency }} = 'USD'
        then {{ amount }}
        else
            cast(cast({{ amount }} as decimal(19, 12)) * cast({{ usd_per_unit }} as decimal(19, 12)) as decimal(38, 12))
    end
{%- endmacro %}

{#- Whole hours from one instant to another. -#}
{% macro whole_hours_between(start, end) -%}
    {{ whole_quotient(microseconds_between(start, end), 3600000000) }}
{%- endmacro %}

{#- A share of an amount for people to read, rounded once; what has to add up is split by stretch_of. -#}
{% macro part_of(amount, share) -%}
    {{ rounded("cast(" ~ amount ~ " as double) * cast(" ~ share ~ " as double)", 12) }}
{%- endmacro %}

{#- Samples of one source in the types that they are counted in. Readings stay decimals as they are: to multiply and add
    them up takes a tenth of the time that casting each to a double does, and loses nothing. -#}
{% macro gpu_samples_of(name, relation, where) -%}
    select
        '{{ name }}' as sample_source,
        sampled_at_utc,
        coalesce(host, '') as host,
        coalesce(gpu_id, '0') as gpu_id,
        gpu_name,
        workload,
        namespace,
        split_method,
        cast(coalesce(share_parts, {{ whole_gpu_parts() }}) as bigint) as share_parts,
        gpu_utilization_pct,
        memory_used_mib,
        power_watts,
        _source_file_id,
        _source_row,
        least(
            cast(round(cast(duration_seconds as double) * 1000000) as bigint), cast(3600000000 as bigint)
        ) as duration_us
    from {{ relation }}
    where {{ where }}
{%- endmacro %}
