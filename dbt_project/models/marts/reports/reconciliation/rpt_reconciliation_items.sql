{#- The largest differences of each account and month, down to the SKU and day, with what speaks for their class. -#}
{%- set most = 200 %}
with
    items as (
        select
            'metered_to_billed' as stage,
            provider_id,
            account_id,
            cell_date as usage_date,
            {{ month_of("cell_date") }} as month_date,
            nullif(nullif(model_key, ''), '*') as model_id,
            nullif(meter_key, '') as meter,
            grain,
            residual_class,
            amount_usd,
            metered_cost_usd as from_cost_usd,
            billed_cost_usd as to_cost_usd,
            metered_quantity,
            billed_quantity,
            charge_count,
            factor,
            has_no_bill,
            charge_description
        from {{ ref("int_reconciliation_metered_items") }}
        where residual_class <> 'rounding'
        union all
        select
            'billed_to_invoiced',
            provider_id,
            account_id,
            cast(null as date),
            month_date,
            cast(null as string),
            cast(null as string),
            'invoice_month',
            residual_class,
            amount_usd,
            due_usd,
            invoiced_usd,
            cast(null as decimal(38, 12)),
            cast(null as decimal(38, 12)),
            invoice_line_count,
            factor,
            invoice_line_count = 0,
            line_kind
        from {{ ref("int_reconciliation_invoice_items") }}
        where residual_class <> 'rounding'
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by provider_id, account_id, month_date, stage
                order by abs(amount_usd) desc, usage_date, model_id, meter, residual_class, charge_description
            ) as difference_rank
        from items
    )

select
    {{ surrogate_key(["stage", "provider_id", "account_id", "month_date", "difference_rank"]) }}
    as reconciliation_item_key,
    stage,
    provider_id,
    account_id,
    month_date,
    cast(difference_rank as bigint) as difference_rank,
    usage_date,
    model_id,
    meter,
    grain,
    residual_class,
    amount_usd,
    from_cost_usd,
    to_cost_usd,
    metered_quantity,
    billed_quantity,
    {{ reconciliation_evidence() }} as evidence
from ranked
where difference_rank <= {{ most }}
