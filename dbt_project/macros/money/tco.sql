{#- The position-th (from 1) of equal parts of an amount that is not negative, below 10^13: parts differ by at most
    10^-12, the first ones take what is over, and all of them together are the amount. -#}
{% macro equal_part(amount, parts, position) -%}
    {%- set units = to_units(amount) -%}
    {{
        from_units(
            whole_quotient(units, parts)
            ~ " + case when "
            ~ position
            ~ " <= "
            ~ units
            ~ " % "
            ~ parts
            ~ " then 1 else 0 end"
        )
    }}
{%- endmacro %}
