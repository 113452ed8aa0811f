{#- Quantities and prices of a charge in the units of FOCUS. Tokens are consumed in `Tokens` and priced by `1000000
    Tokens`, whatever the bill counts in: the point is shifted, nothing is divided, and where a shift would lose a digit
    the bill's own unit stays. Other charges keep unit and quantity. -#}
{%- set largest = "1000000000000000" %}
with
    lines as (
        select
            lines.*,
            coalesce(lines.consumed_quantity, lines.usage_quantity) as own_consumed_quantity,
            case
                when lines.consumed_quantity is null and lines.usage_quantity is not null
                then lines.usage_unit
                else lines.consumed_unit
            end as own_consumed_unit,
            coalesce(lines.pricing_quantity, lines.usage_quantity) as own_pricing_quantity,
            case
                when lines.pricing_quantity is null and lines.usage_quantity is not null
                then lines.usage_unit
                else lines.pricing_unit
            end as own_pricing_unit
        from {{ ref("int_focus_lines") }} as lines
    ),

    powered as (
        select
            lines.*,
            consumed.focus_unit as consumed_focus_unit,
            priced.focus_unit as pricing_focus_unit,
            case
                when meters.meter is not null and abs(own_consumed_quantity) < {{ largest }} then consumed.token_power
            end as consumed_power,
            case
                when
                    meters.meter is not null
                    and abs(own_pricing_quantity) < {{ largest }}
                    and coalesce(abs(lines.list_unit_price), 0) < {{ largest }}
                    and coalesce(abs(lines.contracted_unit_price), 0) < {{ largest }}
                then
                    case
                        when priced.token_power = 6
                        then 6
                        when
                            priced.token_power = 3
                            and own_pricing_quantity = cast(own_pricing_quantity as decimal(38, 9))
                        then 3
                        when
                            priced.token_power = 0
                            and own_pricing_quantity = cast(own_pricing_quantity as decimal(38, 6))
                        then 0
                    end
            end as pricing_power
        from lines
        left join
            {{ ref("meters") }} as meters on meters.meter = lines.meter and meters.is_token and lines.is_llm_charge
        left join
            {{ ref("focus_units") }} as consumed
            on consumed.unit = lower(trim(lines.own_consumed_unit))
            and (consumed.token_power is null or meters.meter is not null)
        left join
            {{ ref("focus_units") }} as priced
            on priced.unit = lower(trim(lines.own_pricing_unit))
            and (priced.token_power is null or meters.meter is not null)
    )

select
    charge_key,
    is_unused_part,
    case
        consumed_power
        when 3
        then cast(cast(own_consumed_quantity as decimal(30, 12)) * cast(1000 as decimal(4, 0)) as decimal(38, 12))
        when 6
        then cast(cast(own_consumed_quantity as decimal(30, 12)) * cast(1000000 as decimal(7, 0)) as decimal(38, 12))
        else own_consumed_quantity
    end as consumed_quantity,
    case
        when consumed_power is not null then 'Tokens' else coalesce(consumed_focus_unit, own_consumed_unit)
    end as consumed_unit,
    case
        pricing_power
        when 0
        then cast(cast(own_pricing_quantity as decimal(22, 6)) * cast(0.000001 as decimal(6, 6)) as decimal(38, 12))
        when 3
        then cast(cast(own_pricing_quantity as decimal(25, 9)) * cast(0.001 as decimal(3, 3)) as decimal(38, 12))
        else own_pricing_quantity
    end as pricing_quantity,
    case
        when pricing_power is not null then '1000000 Tokens' else coalesce(pricing_focus_unit, own_pricing_unit)
    end as pricing_unit,
    {%- for price in ["list_unit_price", "contracted_unit_price"] %}
        case
            pricing_power
            when 0
            then cast(cast({{ price }} as decimal(30, 12)) * cast(1000000 as decimal(7, 0)) as decimal(38, 12))
            when 3
            then cast(cast({{ price }} as decimal(30, 12)) * cast(1000 as decimal(4, 0)) as decimal(38, 12))
            else {{ price }}
        end as {{ price }},
    {%- endfor %}
    consumed_quantity is null and usage_quantity is not null as is_quantity_from_usage
from powered
