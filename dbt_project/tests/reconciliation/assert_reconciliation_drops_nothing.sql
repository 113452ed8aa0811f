{{ config(meta={"dagster": {"ref": {"name": "fct_reconciliation_monthly"}}}) }}
with
    reconciled as (
        select
            provider_id,
            sum(month_metered_cost_usd) as metered_usd,
            sum(month_billed_cost_usd) as billed_usd,
            sum(month_invoiced_usd) as invoiced_usd
        from {{ ref("fct_reconciliation_monthly") }}
        where stage = 'metered_to_billed' and residual_class = 'rounding'
        group by 1
    ),

    by_day as (
        select provider_id, sum(day_metered_cost_usd) as metered_usd, sum(day_billed_cost_usd) as billed_usd
        from {{ ref("fct_reconciliation_daily") }}
        where residual_class = 'rounding'
        group by 1
    ),

    metered as (
        select coalesce(provider_id, 'unknown') as provider_id, sum(contracted_cost_usd) as metered_usd
        from {{ ref("fct_llm_usage_hourly") }}
        group by 1
    ),

    billed as (
        select coalesce(provider_id, 'unknown') as provider_id, sum(billed_cost_usd) as billed_usd
        from {{ ref("fct_charges") }}
        group by 1
    ),

    invoiced as (select provider_id, sum(amount_usd) as invoiced_usd from {{ ref("int_invoice_lines") }} group by 1),

    landed as (
        select sum(case when currency = 'USD' then amount + coalesce(tax_amount, 0) end) as invoiced_usd
        from {{ ref("stg_billing__invoices") }}
    ),

    lines as (select sum(amount) as invoiced_usd from {{ ref("int_invoice_lines") }} where currency = 'USD')

select 'metered' as side, metered.provider_id
from metered
left join reconciled on reconciled.provider_id = metered.provider_id
where coalesce(metered.metered_usd, 0) <> coalesce(reconciled.metered_usd, 0)
union all
select 'metered by day', metered.provider_id
from metered
left join by_day on by_day.provider_id = metered.provider_id
where coalesce(metered.metered_usd, 0) <> coalesce(by_day.metered_usd, 0)
union all
select 'billed', billed.provider_id
from billed
left join reconciled on reconciled.provider_id = billed.provider_id
where coalesce(billed.billed_usd, 0) <> coalesce(reconciled.billed_usd, 0)
union all
select 'billed by day', billed.provider_id
from billed
left join by_day on by_day.provider_id = billed.provider_id
where coalesce(billed.billed_usd, 0) <> coalesce(by_day.billed_usd, 0)
union all
select 'invoiced', invoiced.provider_id
from invoiced
left join reconciled on reconciled.provider_id = invoiced.provider_id
where coalesce(invoiced.invoiced_usd, 0) <> coalesce(reconciled.invoiced_usd, 0)
union all
select 'invoice lines', cast(null as string)
from landed
cross join lines
where coalesce(landed.invoiced_usd, 0) <> coalesce(lines.invoiced_usd, 0)
