{#- What the difference between metered usage at contracted prices and the provider's cost consists of, day by day.
    Every account and day has at least the class rounding, with 0 where nothing differs, so that its two sides are
    always here. -#}
with
    metered as (
        select provider_id, account_id, cell_date, {{ money_sum("metered_cost_usd") }} as metered_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        group by 1, 2, 3
    ),

    billed as (
        select
            provider_id,
            account_id,
            cell_date,
            {{ money_sum("coalesce(billed_cost_usd, 0)") }} as billed_cost_usd,
            count(*) - count(billed_cost_usd) as unknown_cost_charge_count
        from {{ ref("int_reconciliation_billed") }}
        group by 1, 2, 3
    ),

    days as (
        select provider_id, account_id, cell_date
        from metered
        union
        select provider_id, account_id, cell_date
        from billed
    ),

    items as (
        select provider_id, account_id, cell_date, residual_class, grain, amount_usd
        from {{ ref("int_reconciliation_metered_items") }}
        union all
        select provider_id, account_id, cell_date, 'rounding', cast(null as string), cast(0 as decimal(38, 12))
        from days
    ),

    classes as (
        select
            provider_id,
            account_id,
            cell_date,
            residual_class,
            {{ money_sum("amount_usd") }} as amount_usd,
            count(grain) as difference_count,
            max(grain) as grain
        from items
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["classes.provider_id", "classes.account_id", "classes.cell_date", "classes.residual_class"]) }}
    as reconciliation_daily_key,
    classes.provider_id,
    classes.account_id,
    classes.cell_date as usage_date,
    'metered_to_billed' as stage,
    classes.residual_class,
    classes.amount_usd,
    coalesce(metered.metered_cost_usd, 0) as day_metered_cost_usd,
    coalesce(billed.billed_cost_usd, 0) as day_billed_cost_usd,
    cast(classes.difference_count as bigint) as difference_count,
    cast(coalesce(billed.unknown_cost_charge_count, 0) as bigint) as unknown_cost_charge_count,
    classes.grain
from classes
left join
    metered
    on metered.provider_id = classes.provider_id
    and metered.account_id = classes.account_id
    and metered.cell_date = classes.cell_date
left join
    billed
    on billed.provider_id = classes.provider_id
    and billed.account_id = classes.account_id
    and billed.cell_date = classes.cell_date
