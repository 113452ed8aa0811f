{#- Quantities of a SKU and day by unit price, metered against billed. What is metered at one price and billed at
    another is a transfer between prices: as much as is missing here and too much there, lowest price first. What
    remains is too much or too little quantity. -#}
{%- set cell = reconciliation_cell() | join(", ") %}
with
    metered as (
        select {{ cell }}, rate, sum(quantity) as quantity
        from {{ ref("int_reconciliation_metered") }} as metered
        where rate > 0 and meter_key <> ''
        group by 1, 2, 3, 4, 5, 6
    ),

    billed as (
        select {{ cell }}, rate, sum(quantity) as quantity
        from {{ ref("int_reconciliation_rated") }}
        where rate is not null
        group by 1, 2, 3, 4, 5, 6
    ),

    both_sides as (
        select {{ cell }}, rate, quantity as metered_quantity, cast(0 as decimal(38, 0)) as billed_quantity
        from metered
        union all
        select {{ cell }}, rate, cast(0 as decimal(38, 0)), quantity
        from billed
    ),

    rates as (
        select
            {{ cell }},
            rate,
            cast(sum(metered_quantity) as decimal(18, 0)) as metered_quantity,
            cast(sum(billed_quantity) as decimal(18, 0)) as billed_quantity
        from both_sides
        group by 1, 2, 3, 4, 5, 6
    ),

    excess as (
        select
            rates.*,
            greatest(billed_quantity - metered_quantity, 0) as surplus,
            greatest(metered_quantity - billed_quantity, 0) as deficit
        from rates
        left join {{ ref("int_reconciliation_amount_cells") }} as amounts on {{ same_cell("amounts", "rates") }}
        where amounts.provider_id is null
    ),

    summed as (
        select
            *,
            sum(surplus) over (partition by {{ cell }}) as cell_surplus,
            sum(deficit) over (partition by {{ cell }}) as cell_deficit,
            sum(surplus) over (partition by {{ cell }} order by rate rows between unbounded preceding and current row)
            - surplus as surplus_before,
            sum(deficit) over (partition by {{ cell }} order by rate rows between unbounded preceding and current row)
            - deficit as deficit_before
        from excess
    ),

    transferred as (
        select
            *,
            least(surplus, greatest(least(cell_surplus, cell_deficit) - surplus_before, 0)) as surplus_transferred,
            least(deficit, greatest(least(cell_surplus, cell_deficit) - deficit_before, 0)) as deficit_transferred
        from summed
    )

select
    {{ cell }},
    rate,
    metered_quantity,
    billed_quantity,
    cast(surplus_transferred as decimal(18, 0)) as surplus_transferred,
    cast(deficit_transferred as decimal(18, 0)) as deficit_transferred,
    cast(surplus - surplus_transferred as decimal(18, 0)) as surplus_left,
    cast(deficit - deficit_transferred as decimal(18, 0)) as deficit_left
from transferred
