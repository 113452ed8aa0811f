{#- Constants that bills of an account and month multiply contracted prices by, found from charges that no known unit
    price explains: one for the account (model_key '*') where it holds for most of its bill, and one per SKU. Below 1 it
    is a discount that the price data does not have; where it undoes the contract's own discount, that was not given; of
    a bill in another currency it is the exchange rate. Evidence only: dollars are computed by multiplying with it. -#}
with
    main as (
        select distinct provider_id, account_id, cell_month, model_key, meter_key, main_rate, contract_ratio
        from {{ ref("int_reconciliation_rates") }}
    ),

    by_quantity as (
        select
            charges.provider_id,
            charges.account_id,
            charges.cell_month,
            charges.model_key,
            charges.meter_key,
            charges.has_currency,
            charges.billed_cost_usd,
            {{ priced("charges.quantity", "main.main_rate") }} as expected_usd,
            main.contract_ratio,
            charges.rate is null and charges.quantity > 0 and charges.billed_cost_usd > 0 as is_unexplained
        from {{ ref("int_reconciliation_matches") }} as charges
        inner join
            main
            on main.provider_id = charges.provider_id
            and main.account_id = charges.account_id
            and main.cell_month = charges.cell_month
            and main.model_key = charges.model_key
            and main.meter_key = charges.meter_key
    ),

    metered as (
        select {{ reconciliation_cell() | join(", ") }}, {{ money_sum("metered_cost_usd") }} as metered_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        group by 1, 2, 3, 4, 5
    ),

    by_amount as (
        select
            billed.provider_id,
            billed.account_id,
            billed.cell_month,
            billed.model_key,
            billed.meter_key,
            billed.has_currency,
            billed.billed_cost_usd,
            metered.metered_cost_usd as expected_usd,
            cast(1 as decimal(38, 12)) as contract_ratio,
            billed.billed_cost_usd > 0 as is_unexplained
        from {{ ref("int_reconciliation_amount_cells") }} as billed
        inner join metered on {{ same_cell("metered", "billed") }}
        where metered.metered_cost_usd > 0
    ),

    compared as (
        select *
        from by_quantity
        union all
        select *
        from by_amount
    ),

    rated as (
        select
            compared.*,
            {{ ratio("billed_cost_usd", "expected_usd", 4) }} as factor,
            cast(
                sum(expected_usd) over (partition by compared.provider_id, account_id, cell_month) as decimal(38, 12)
            ) as account_usd,
            limits.discount_charges,
            limits.discount_ratio,
            limits.fx_ratio
        from compared
        inner join {{ ref("int_reconciliation_limits") }} as limits on limits.provider_id = compared.provider_id
        where expected_usd > 0
    ),

    plausible as (
        select
            *,
            case
                when has_currency = 1 and abs(factor - 1) <= fx_ratio
                then 'fx'
                when factor < 1 and factor > 0
                then 'negotiated_discount'
                when abs(factor * cast(contract_ratio as decimal(16, 12)) - 1) <= discount_ratio
                then 'negotiated_discount'
            end as factor_class
        from rated
        where is_unexplained and abs(factor - 1) > discount_ratio
    ),

    scoped as (
        select
            provider_id,
            account_id,
            cell_month,
            '*' as model_key,
            '*' as meter_key,
            factor,
            factor_class,
            expected_usd,
            account_usd,
            discount_charges
        from plausible
        union all
        select
            provider_id,
            account_id,
            cell_month,
            model_key,
            meter_key,
            factor,
            factor_class,
            expected_usd,
            cast(0 as decimal(38, 12)),
            discount_charges
        from plausible
    ),

    weighed as (
        select
            provider_id,
            account_id,
            cell_month,
            model_key,
            meter_key,
            cast(factor as decimal(10, 4)) as factor,
            factor_class,
            count(*) as charge_count,
            {{ money_sum("expected_usd") }} as expected_usd,
            max(account_usd) as account_usd,
            max(discount_charges) as discount_charges
        from scoped
        where factor_class is not null
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by provider_id, account_id, cell_month, model_key, meter_key
                order by expected_usd desc, factor
            ) as factor_rank
        from weighed
        where charge_count >= discount_charges and expected_usd * 2 >= account_usd
    )

select
    provider_id,
    account_id,
    cell_month,
    model_key,
    meter_key,
    factor,
    factor_class,
    cast(charge_count as bigint) as charge_count
from ranked
where factor_rank = 1
