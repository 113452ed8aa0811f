{#- How good a key figure is, 0 to 100: the target over the value, or the value over the target where more is
    better. -#}
{% macro kpi_score(value, target, is_higher_better) -%}
    cast(
        least(
            100,
            case
                when {{ is_higher_better }}
                then {{ percent(value, target) }}
                else {{ percent(target, "greatest(" ~ value ~ ", 0.0001)") }}
            end
        ) as decimal(38, 12)
    )
{%- endmacro %}

{#- on_target, warning or critical; NULL where the value is unknown. -#}
{% macro kpi_status(value, target, warning, is_higher_better) -%}
    case
        when {{ value }} is null
        then cast(null as string)
        when
            ({{ is_higher_better }} and {{ value }} >= {{ target }})
            or (not {{ is_higher_better }} and {{ value }} <= {{ target }})
        then 'on_target'
        when
            ({{ is_higher_better }} and {{ value }} >= {{ warning }})
            or (not {{ is_higher_better }} and {{ value }} <= {{ warning }})
        then 'warning'
        else 'critical'
    end
{%- endmacro %}
