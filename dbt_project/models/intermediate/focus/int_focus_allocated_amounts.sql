{#- Charges split over who carries their spend line. Each charge is split by itself and sums exactly; what rounding so
    leaves between the parts of a line and its allocation, units of 10^-12 dollars, is made up on the line's largest
    charge, so both hold. A line whose charges FOCUS bills otherwise than the bill does (savings plans) has nothing to
    be made up to. A cost that equals the charge's dollars is split as these are. -#}
{%- set costs = focus_split_costs() %}
{%- set quantities = focus_split_quantities() %}

with
    shares as (
        select spend_item_key, allocated_cost_key, part_number, is_largest, weight, allocated_cost_usd
        from {{ ref("int_focus_allocated_shares") }}
        where is_split
    ),

    -- Numbers stand for keys where many rows are sorted.
    charges as (
        select
            lines.spend_item_key,
            charges.charge_key,
            charges.billed_cost_usd,
            {%- for column in costs + quantities %} charges.{{ column }}, {%- endfor %}
            row_number() over (order by charges.charge_key) as charge_number,
            row_number() over (
                partition by lines.spend_item_key
                order by abs(coalesce(charges.billed_cost_usd, 0)) desc, charges.charge_key
            )
            = 1 as is_largest_charge
        from {{ ref("int_focus_charge_lines") }} as lines
        inner join {{ ref("int_focus_charges") }} as charges on charges.charge_key = lines.charge_key
        where lines.spend_item_key in (select spend_item_key from shares)
    ),

    amounts as (
        select charge_number, spend_item_key, 0 as amount_number, billed_cost_usd as amount
        from charges
        where billed_cost_usd is not null
        {%- for column in costs %}
            union all
            select charge_number, spend_item_key, {{ loop.index }}, {{ column }}
            from charges
            where {{ column }} <> coalesce(billed_cost_usd, {{ column }} + 1)
        {%- endfor %}
        {%- for column in quantities %}
            union all
            select charge_number, spend_item_key, {{ loop.index + costs | length }}, {{ quantity_to_split(column) }}
            from charges
            where {{ column }} is not null
        {%- endfor %}
    ),

    pieces as (
        select amounts.charge_number, amounts.amount_number, amounts.amount, shares.part_number, shares.weight
        from amounts
        inner join shares on shares.spend_item_key = amounts.spend_item_key
    ),

    split as (
        {{
            split_exactly(
                "pieces",
                "charge_number, amount_number",
                "part_number",
                "weight",
                ["charge_number", "part_number", "amount_number"],
                ["amount"],
            )
        }}
    ),

    parts as (
        select
            charge_number,
            part_number,
            {%- for column in ["billed_cost_usd"] + costs + quantities %}
                max(
                    case when amount_number = {{ loop.index0 }} then amount end
                ) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from split
        group by 1, 2
    ),

    rounded as (
        select
            charges.charge_key,
            charges.is_largest_charge,
            charges.billed_cost_usd as charge_usd,
            {%- for column in costs + quantities %}
                charges.{{ column }} as charge_{{ column }}, parts.{{ column }},
            {%- endfor %}
            shares.spend_item_key,
            shares.allocated_cost_key,
            shares.is_largest,
            shares.allocated_cost_usd,
            parts.billed_cost_usd
        from parts
        inner join charges on charges.charge_number = parts.charge_number
        inner join shares on shares.spend_item_key = charges.spend_item_key and shares.part_number = parts.part_number
    ),

    totals as (
        select
            spend_item_key,
            allocated_cost_key,
            max(allocated_cost_usd) as allocated_cost_usd,
            coalesce({{ money_sum("billed_cost_usd") }}, 0) as billed_cost_usd
        from rounded
        group by 1, 2
    ),

    differences as (
        select
            allocated_cost_key,
            case
                when
                    sum(allocated_cost_usd) over (partition by spend_item_key)
                    = sum(billed_cost_usd) over (partition by spend_item_key)
                then allocated_cost_usd - billed_cost_usd
                else 0
            end as difference_usd
        from totals
    ),

    balanced as (
        select
            rounded.*,
            cast(
                rounded.billed_cost_usd
                + case when rounded.is_largest_charge then differences.difference_usd else 0 end as decimal(38, 12)
            ) as balanced_cost_usd
        from rounded
        inner join differences on differences.allocated_cost_key = rounded.allocated_cost_key
    )

select
    charge_key,
    allocated_cost_key,
    balanced_cost_usd as billed_cost_usd,
    {%- for column in costs %}
        case when charge_{{ column }} = charge_usd then balanced_cost_usd else {{ column }} end as {{ column }},
    {%- endfor %}
    {%- for column in quantities %}
        {{ quantity_split(column, "charge_" ~ column, "is_largest") }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from balanced
