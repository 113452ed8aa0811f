{#- What charges say is on an invoice: a line per account, category and service, or per line of the invoice where the
    bill names it. Sums of BilledCost equal the charges with that InvoiceId; lines of 0 stay. -#}
with
    charges as ({{ focus_charges_landed() }} where charges.invoice_id is not null),

    lines as (
        select
            invoice_issuer_name,
            invoice_id,
            invoice_detail_id,
            billing_account_id,
            billing_currency,
            billing_period_start_utc,
            billing_period_end_utc,
            charge_category,
            case when invoice_detail_id is null then service_name end as service_name,
            {{ money_sum("billed_cost") }} as billed_cost,
            min(landed_at_utc) as created_at_utc,
            max(landed_at_utc) as last_updated_at_utc,
            cast(count(*) as bigint) as charge_count
        from charges
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    ),

    -- Dates of the invoice itself, where it was dropped beside the bill and its lines agree on them.
    invoices as (
        select
            invoice_id,
            lower(trim(invoice_issuer_name)) as issuer,
            case when min(invoice_date) = max(invoice_date) then cast(min(invoice_date) as timestamp) end as issued_at,
            case when min(due_date) = max(due_date) then cast(min(due_date) as timestamp) end as due_at
        from {{ ref("stg_billing__invoices") }}
        where invoice_id is not null
        group by 1, 2
    )

select
    lines.billed_cost as "BilledCost",
    lines.billing_account_id as "BillingAccountId",
    lines.billing_currency as "BillingCurrency",
    lines.billing_period_end_utc as "BillingPeriodEnd",
    lines.billing_period_start_utc as "BillingPeriodStart",
    lines.charge_category as "ChargeCategory",
    lines.created_at_utc as "InvoiceDetailCreated",
    case
        when lines.service_name is not null then lines.service_name || ', ' || lines.charge_category
    end as "InvoiceDetailDescription",
    case
        when lines.service_name is not null then '{"ServiceName":' || {{ json_string("lines.service_name") }} || '}'
    end as "InvoiceDetailGrain",
    coalesce(
        lines.invoice_detail_id,
        {{
            surrogate_key(
                [
                    "lines.invoice_issuer_name",
                    "lines.invoice_id",
                    "lines.billing_account_id",
                    "lines.billing_period_start_utc",
                    "lines.billing_period_end_utc",
                    "lines.charge_category",
                    "lines.service_name",
                    "lines.billing_currency",
                ]
            )
        }}
    ) as "InvoiceDetailId",
    lines.last_updated_at_utc as "InvoiceDetailLastUpdated",
    lines.invoice_id as "InvoiceId",
    invoices.issued_at as "InvoiceIssueDate",
    case
        when periods."BillingPeriodStatus" = 'Closed' or invoices.issued_at is not null then 'Issued' else 'Open'
    end as "InvoiceIssueStatus",
    lines.invoice_issuer_name as "InvoiceIssuerName",
    lines.billing_currency as "PaymentCurrency",
    lines.billed_cost as "PaymentCurrencyBilledCost",
    invoices.due_at as "PaymentDueDate",
    'Not stated' as "PaymentTerms",
    lines.invoice_id as "ReferenceInvoiceId",
    lines.charge_count as "x_ChargeCount"
from lines
left join
    {{ ref("focus_billing_period") }} as periods
    on periods."InvoiceIssuerName" = lines.invoice_issuer_name
    and periods."BillingPeriodStart" = lines.billing_period_start_utc
    and periods."BillingPeriodEnd" = lines.billing_period_end_utc
left join
    invoices on invoices.invoice_id = lines.invoice_id and invoices.issuer = lower(trim(lines.invoice_issuer_name))
