{#- One comparison per SKU and day (or coarser), taken apart: gap = misrated + unpriced + discount + fx + rounding +
    quantity + the rest. Quantity is what is too much or too little, at the metered price. -#}
{%- set cell = reconciliation_cell() | join(", ") %}
with
    metered as (
        select
            {{ cell }},
            min(grain) as grain,
            min(cell_month) as cell_month,
            sum(quantity) as metered_quantity,
            cast(sum(case when is_unpriced then quantity else 0 end) as decimal(18, 0)) as unpriced_quantity,
            max(case when is_unpriced then 1 else 0 end) as has_unpriced,
            {{ money_sum("metered_cost_usd") }} as metered_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        group by 1, 2, 3, 4, 5
    ),

    billed as (
        select
            billed.provider_id,
            billed.account_id,
            billed.cell_date,
            billed.model_key,
            billed.meter_key,
            min(billed.grain) as grain,
            min(billed.cell_month) as cell_month,
            count(*) as charge_count,
            case
                when count(billed.quantity) = count(*) then cast(sum(billed.quantity) as decimal(18, 0))
            end as billed_quantity,
            {{ money_sum("coalesce(billed.billed_cost_usd, 0)") }} as billed_cost_usd,
            {{
                money_sum(
                    "case when rated.factor_class= 'negotiated_discount' then rated.billed_cost_usd - "
                    ~ priced("rated.quantity", "rated.rate")
                    ~ " else 0 end"
                )
            }} as discount_usd,
            {{
                money_sum(
                    "case when rated.factor_class= 'fx' then rated.billed_cost_usd - "
                    ~ priced("rated.quantity", "rated.rate")
                    ~ " else 0 end"
                )
            }} as fx_usd,
            {{
                money_sum(
                    "case when rated.rate is not null and rated.factor is null then rated.billed_cost_usd - "
                    ~ priced("rated.quantity", "rated.rate")
                    ~ " else 0 end"
                )
            }} as rounding_usd,
            cast(
                sum(case when rated.rate is null then rated.quantity else 0 end) as decimal(18, 0)
            ) as unrated_quantity,
            {{ money_sum("case when rated.rate is null then rated.billed_cost_usd else 0 end") }} as unrated_cost_usd
        from {{ ref("int_reconciliation_billed") }} as billed
        left join {{ ref("int_reconciliation_rated") }} as rated on rated.charge_key = billed.charge_key
        where billed.charge_kind = 'comparable'
        group by 1, 2, 3, 4, 5
    ),

    -- What unrated charges stand for: first the quantity that is metered and not billed, dearest last.
    left_over as (
        select
            rates.*,
            least(
                rates.deficit_left,
                greatest(
                    billed.unrated_quantity - (
                        sum(rates.deficit_left) over (
                            partition by
                                rates.provider_id, rates.account_id, rates.cell_date, rates.model_key, rates.meter_key
                            order by rates.rate
                            rows between unbounded preceding and current row
                        )
                        - rates.deficit_left
                    ),
                    0
                )
            ) as deficit_covered
        from {{ ref("int_reconciliation_cell_rates") }} as rates
        left join billed on {{ same_cell("billed", "rates") }}
    ),

    priced as (
        select
            {{ cell }},
            {{ money_sum(priced("surplus_transferred", "rate") ~ " - " ~ priced("deficit_transferred", "rate")) }}
            as misrated_usd,
            {{ money_sum(priced("surplus_left", "rate")) }} as surplus_usd,
            {{ money_sum(priced("deficit_left - coalesce(deficit_covered, 0)", "rate")) }} as deficit_usd,
            {{ money_sum(priced("coalesce(deficit_covered, 0)", "rate")) }} as covered_usd,
            cast(sum(surplus_left) as decimal(18, 0)) as surplus_quantity,
            cast(sum(deficit_left - coalesce(deficit_covered, 0)) as decimal(18, 0)) as deficit_quantity,
            cast(sum(coalesce(deficit_covered, 0)) as decimal(18, 0)) as covered_quantity
        from left_over
        group by 1, 2, 3, 4, 5
    ),

    keys as (
        select {{ cell }}
        from metered
        union
        select {{ cell }}
        from billed
    ),

    main as (
        select provider_id, account_id, cell_month, model_key, meter_key, max(main_rate) as main_rate
        from {{ ref("int_reconciliation_rates") }}
        group by 1, 2, 3, 4, 5
    )

select
    {% for column in reconciliation_cell() %} keys.{{ column }}, {% endfor %}
    coalesce(billed.grain, metered.grain) as grain,
    coalesce(billed.cell_month, metered.cell_month) as cell_month,
    coalesce(metered.metered_cost_usd, 0) as metered_cost_usd,
    coalesce(billed.billed_cost_usd, 0) as billed_cost_usd,
    metered.metered_quantity,
    billed.billed_quantity,
    coalesce(billed.charge_count, 0) as charge_count,
    metered.provider_id is not null as is_metered,
    amounts.provider_id is not null as is_by_amount,
    coalesce(amounts.has_currency, 0) as has_currency,
    coalesce(metered.has_unpriced, 0) as has_unpriced,
    coalesce(metered.unpriced_quantity, 0) as unpriced_quantity,
    coalesce(billed.discount_usd, 0) as discount_usd,
    coalesce(billed.fx_usd, 0) as fx_usd,
    coalesce(billed.rounding_usd, 0) as rounding_usd,
    coalesce(billed.unrated_quantity, 0) as unrated_quantity,
    coalesce(billed.unrated_cost_usd, 0) as unrated_cost_usd,
    coalesce(priced.misrated_usd, 0) as misrated_usd,
    coalesce(priced.surplus_usd, 0) as surplus_usd,
    coalesce(priced.deficit_usd, 0) as deficit_usd,
    coalesce(priced.covered_usd, 0) as covered_usd,
    coalesce(priced.surplus_quantity, 0) as surplus_quantity,
    coalesce(priced.deficit_quantity, 0) as deficit_quantity,
    coalesce(priced.covered_quantity, 0) as covered_quantity,
    main.main_rate
from keys
left join metered on {{ same_cell("metered", "keys") }}
left join billed on {{ same_cell("billed", "keys") }}
left join priced on {{ same_cell("priced", "keys") }}
left join {{ ref("int_reconciliation_amount_cells") }} as amounts on {{ same_cell("amounts", "keys") }}
left join
    main
    on main.provider_id = keys.provider_id
    and main.account_id = keys.account_id
    and main.cell_month = coalesce(billed.cell_month, metered.cell_month)
    and main.model_key = keys.model_key
    and main.meter_key = keys.meter_key
