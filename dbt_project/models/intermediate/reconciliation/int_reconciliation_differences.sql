{#- The parts of each comparison with charges that no price explains settled: they stand for unpriced usage, for metered
    usage at a constant discount, or for more quantity. `quantity_usd` (by quantity, or by amount where the bill states
    no quantities) is what is left for time and coverage to explain. -#}
with
    cells as (
        select
            cells.*,
            cells.billed_cost_usd - cells.metered_cost_usd as gap_usd,
            limits.rounding_usd_per_charge * greatest(cells.charge_count, 1) as tolerance_usd,
            limits.discount_ratio,
            coalesce(own.factor, account.factor) as factor,
            coalesce(own.factor_class, account.factor_class) as factor_class
        from {{ ref("int_reconciliation_cells") }} as cells
        inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = cells.provider_id
        left join
            {{ ref("int_reconciliation_factors") }} as own
            on own.provider_id = cells.provider_id
            and own.account_id = cells.account_id
            and own.cell_month = cells.cell_month
            and own.model_key = cells.model_key
            and own.meter_key = cells.meter_key
        left join
            {{ ref("int_reconciliation_factors") }} as account
            on account.provider_id = cells.provider_id
            and account.account_id = cells.account_id
            and account.cell_month = cells.cell_month
            and account.model_key = '*'
            and account.meter_key = '*'
    ),

    treated as (
        select
            *,
            case
                when charge_count = 0
                then 'not_billed'
                when is_by_amount and metered_cost_usd = 0 and has_unpriced = 1
                then 'unpriced'
                when is_by_amount and not is_metered
                then 'unmetered'
                when is_by_amount
                then 'amounts'
                when unrated_cost_usd = 0 and unrated_quantity = 0
                then 'rated'
                when has_unpriced = 1 and unrated_quantity <= unpriced_quantity
                then 'unpriced'
                when main_rate is null
                then 'unmetered'
                else 'unrated'
            end as treatment,
            unrated_quantity - covered_quantity as more_quantity
        from cells
    ),

    expected as (
        select
            *,
            case
                when treatment = 'unrated'
                then covered_usd + {{ priced("more_quantity", "main_rate") }}
                when treatment = 'amounts'
                then metered_cost_usd
                else 0
            end as expected_usd,
            case
                when treatment = 'unrated' then unrated_cost_usd when treatment = 'amounts' then billed_cost_usd else 0
            end as found_usd
        from treated
    ),

    judged as (
        select
            *,
            case
                when abs(found_usd - expected_usd) <= tolerance_usd
                then 'rounding'
                when factor is null
                then 'open'
                when
                    abs(found_usd - {{ scaled("expected_usd", "factor") }})
                    <= tolerance_usd
                    + cast(
                        cast(expected_usd as decimal(20, 8)) * cast(discount_ratio as decimal(8, 6)) as decimal(38, 12)
                    )
                then 'factor'
                when treatment = 'unrated'
                then 'part_factor'
                else 'open'
            end as verdict
        from expected
    )

select
    {{ reconciliation_cell() | join(", ") }},
    grain,
    cell_month,
    metered_cost_usd,
    billed_cost_usd,
    gap_usd,
    metered_quantity,
    billed_quantity,
    charge_count,
    is_metered,
    is_by_amount,
    tolerance_usd,
    treatment,
    factor,
    factor_class,
    cast(
        case
            when treatment = 'unpriced' and is_by_amount
            then billed_cost_usd
            when treatment = 'unpriced'
            then unrated_cost_usd
            else 0
        end as decimal(38, 12)
    ) as unpriced_usd,
    misrated_usd,
    {%- for class, column in [('negotiated_discount', 'discount_usd'), ('fx', 'fx_usd')] %}
        cast(
            {{ column }} + case
                when factor_class <> '{{ class }}' or factor_class is null
                then 0
                when verdict = 'factor'
                then found_usd - expected_usd
                when verdict = 'part_factor'
                then {{ scaled("expected_usd", "factor") }} - expected_usd
                else 0
            end as decimal(38, 12)
        ) as {{ column }},
    {%- endfor %}
    cast(
        rounding_usd + case when verdict = 'rounding' then found_usd - expected_usd else 0 end as decimal(38, 12)
    ) as rounding_usd,
    cast(
        case
            when treatment = 'not_billed'
            then - metered_cost_usd
            when treatment = 'unmetered' and is_by_amount
            then billed_cost_usd
            when treatment = 'unmetered'
            then surplus_usd - deficit_usd + unrated_cost_usd
            when treatment = 'unrated'
            then surplus_usd - deficit_usd + {{ priced("more_quantity", "main_rate") }}
            when treatment = 'amounts' and verdict = 'open'
            then found_usd - expected_usd
            when treatment = 'amounts'
            then 0
            else surplus_usd - deficit_usd
        end as decimal(38, 12)
    ) as quantity_usd,
    cast(
        case
            when is_by_amount
            then null
            when treatment = 'not_billed'
            then - coalesce(metered_quantity, 0)
            when treatment in ('unmetered', 'unrated')
            then surplus_quantity - deficit_quantity + more_quantity
            else surplus_quantity - deficit_quantity
        end as decimal(18, 0)
    ) as quantity_delta
from judged
