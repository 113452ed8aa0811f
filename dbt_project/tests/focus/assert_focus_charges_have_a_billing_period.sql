{{ config(meta={"dagster": {"ref": {"name": "focus_billing_period"}}}) }}
with
    lines as (
        select "InvoiceIssuerName", "BillingPeriodStart", "BillingPeriodEnd"
        from {{ ref("focus_cost_and_usage") }}
        union
        select "InvoiceIssuerName", "BillingPeriodStart", "BillingPeriodEnd"
        from {{ ref("focus_invoice_detail") }}
    )

select
    lines."InvoiceIssuerName",
    lines."BillingPeriodStart",
    lines."BillingPeriodEnd",
    count(periods."BillingPeriodStatus") as period_count
from lines
left join
    {{ ref("focus_billing_period") }} as periods
    on periods."InvoiceIssuerName" = lines."InvoiceIssuerName"
    and periods."BillingPeriodStart" = lines."BillingPeriodStart"
    and periods."BillingPeriodEnd" = lines."BillingPeriodEnd"
group by 1, 2, 3
having count(periods."BillingPeriodStatus") <> 1
