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
    {%- set units = "abs(" ~ to_units(amount) ~ ")" -%}
    {{
        from_units(
            "case when "
            ~ amount
            ~ " < 0 then -1 else 1 end * ("
            ~ whole_quotient(units ~ " * " ~ stop, whole)
            ~ " - "
            ~ whole_quotient(units ~ " * " ~ start, whole)
            ~ ")"
        )
    }}
{%- endmacro %}

{#- Whole hours from one instant to another. -#}
{% macro whole_hours_between(start, end) -%}
    {{ whole_quotient(microseconds_between(start, end), 3600000000) }}
{%- endmacro %}

{#- A share of an amount for people to read, rounded once; what has to add up is split by stretch_of. -#}
{% macro part_of(amount, share) -%}
    cast(round(cast({{ amount }} as double) * cast({{ share }} as double), 12) as decimal(38, 12))
{%- endmacro %}
