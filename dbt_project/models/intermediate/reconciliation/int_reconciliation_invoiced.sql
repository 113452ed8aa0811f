{#- The provider's cost of a month against its invoices, by account and category. A charge belongs to the month of the
    invoice whose number it carries, else to its billing period; that it is not the month of the charge is a
    cut-off. -#}
with
    invoices as (
        select lines.*, accounts.account_id
        from
            {{ ref("int_invoice_lines") }} as lines {{ join_accounts("lines.provider_id", "lines.billing_account_id") }}
    ),

    invoice_months as (
        select provider_id, invoice_id, min(invoice_month) as invoice_month
        from invoices
        group by 1, 2
        having count(distinct invoice_month) = 1
    ),

    charges as (
        select
            billed.*,
            coalesce(invoice_months.invoice_month, billed.billing_month) as invoice_month,
            case
                when billed.charge_kind in ('tax', 'credit')
                then billed.charge_kind
                when billed.charge_kind = 'purchase'
                then 'purchase'
                else 'usage'
            end as line_kind
        from {{ ref("int_reconciliation_billed") }} as billed
        left join
            invoice_months
            on invoice_months.provider_id = billed.provider_id
            and invoice_months.invoice_id = billed.invoice_id
    ),

    sides as (
        select
            provider_id,
            account_id,
            cell_month as month_date,
            line_kind,
            coalesce(billed_cost_usd, 0) as billed_cost_usd,
            cast(0 as decimal(38, 12)) as due_usd,
            cast(0 as decimal(38, 12)) as invoiced_usd,
            0 as invoice_line_count,
            0 as unknown_line_count,
            0 as has_currency,
            case when billed_cost_usd is null then 1 else 0 end as unknown_charge_count,
            1 as charge_count
        from charges
        union all
        select provider_id, account_id, invoice_month, line_kind, 0, coalesce(billed_cost_usd, 0), 0, 0, 0, 0, 0, 0
        from charges
        union all
        select
            provider_id,
            account_id,
            invoice_month,
            case
                lower(charge_category)
                when 'tax'
                then 'tax'
                when 'credit'
                then 'credit'
                when 'adjustment'
                then 'credit'
                when 'purchase'
                then 'purchase'
                else 'usage'
            end,
            0,
            0,
            coalesce(amount_usd, 0),
            1,
            case when amount_usd is null then 1 else 0 end,
            case when currency <> 'USD' then 1 else 0 end,
            0,
            0
        from invoices
    )

select
    provider_id,
    account_id,
    month_date,
    line_kind,
    {{ money_sum("billed_cost_usd") }} as billed_cost_usd,
    {{ money_sum("due_usd") }} as due_usd,
    {{ money_sum("invoiced_usd") }} as invoiced_usd,
    cast(sum(invoice_line_count) as bigint) as invoice_line_count,
    cast(sum(unknown_line_count) as bigint) as unknown_line_count,
    cast(sum(unknown_charge_count) as bigint) as unknown_charge_count,
    cast(sum(charge_count) as bigint) as charge_count,
    max(has_currency) as has_currency
from sides
group by 1, 2, 3, 4
