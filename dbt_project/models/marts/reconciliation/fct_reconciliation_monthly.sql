{#- Both stages by month: metered → billed is the sum of the days, billed → invoiced compares with the invoices. Every
    account and month has at least the class rounding in both stages, with 0 where nothing differs. -#}
with
    daily as (
        select
            provider_id,
            account_id,
            {{ month_of("cell_date") }} as month_date,
            residual_class,
            {{ money_sum("amount_usd") }} as amount_usd,
            count(grain) as difference_count
        from {{ ref("int_reconciliation_metered_items") }}
        group by 1, 2, 3, 4
    ),

    metered as (
        select
            provider_id, account_id, cell_month as month_date, {{ money_sum("metered_cost_usd") }} as metered_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        group by 1, 2, 3
    ),

    invoiced as (
        select
            provider_id,
            account_id,
            month_date,
            {{ money_sum("billed_cost_usd") }} as billed_cost_usd,
            {{ money_sum("invoiced_usd") }} as invoiced_usd
        from {{ ref("int_reconciliation_invoiced") }}
        group by 1, 2, 3
    ),

    months as (
        select provider_id, account_id, month_date
        from metered
        union
        select provider_id, account_id, month_date
        from invoiced
    ),

    items as (
        select
            provider_id,
            account_id,
            month_date,
            'metered_to_billed' as stage,
            residual_class,
            amount_usd,
            difference_count
        from daily
        union all
        select provider_id, account_id, month_date, 'billed_to_invoiced', residual_class, amount_usd, 1
        from {{ ref("int_reconciliation_invoice_items") }}
        union all
        select provider_id, account_id, month_date, 'metered_to_billed', 'rounding', 0, 0
        from months
        union all
        select provider_id, account_id, {{ month_of("cell_date") }}, 'metered_to_billed', 'rounding', 0, 0
        from {{ ref("int_reconciliation_billed") }}
        union all
        select provider_id, account_id, month_date, 'billed_to_invoiced', 'rounding', 0, 0
        from months
    ),

    classes as (
        select
            provider_id,
            account_id,
            month_date,
            stage,
            residual_class,
            {{ money_sum("amount_usd") }} as amount_usd,
            sum(difference_count) as difference_count
        from items
        group by 1, 2, 3, 4, 5
    )

select
    {{
        surrogate_key(
            [
                "classes.provider_id",
                "classes.account_id",
                "classes.month_date",
                "classes.stage",
                "classes.residual_class",
            ]
        )
    }} as reconciliation_monthly_key,
    classes.provider_id,
    classes.account_id,
    classes.month_date,
    classes.stage,
    classes.residual_class,
    classes.amount_usd,
    coalesce(metered.metered_cost_usd, 0) as month_metered_cost_usd,
    coalesce(invoiced.billed_cost_usd, 0) as month_billed_cost_usd,
    coalesce(invoiced.invoiced_usd, 0) as month_invoiced_usd,
    cast(classes.difference_count as bigint) as difference_count
from classes
left join
    metered
    on metered.provider_id = classes.provider_id
    and metered.account_id = classes.account_id
    and metered.month_date = classes.month_date
left join
    invoiced
    on invoiced.provider_id = classes.provider_id
    and invoiced.account_id = classes.account_id
    and invoiced.month_date = classes.month_date
