{{ config(meta={"dagster": {"ref": {"name": "focus_billing_period"}}}) }}
-- Every charge and every line of an invoice meets exactly one billing period of its issuer.
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
