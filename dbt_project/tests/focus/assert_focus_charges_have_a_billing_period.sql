{{ config(meta={"dagster": {"ref": {"name": "focus_billing_period"}}}) }}
-- Every charge and every line of an invoice meets exactly one billing period of its issuer.
with
    lines as (
        select invoiceissuername, billingperiodstart, billingperiodend
        from {{ ref("focus_cost_and_usage") }}
        union
        select invoiceissuername, billingperiodstart, billingperiodend
        from {{ ref("focus_invoice_detail") }}
    )

select
    lines.invoiceissuername,
    lines.billingperiodstart,
    lines.billingperiodend,
    count(periods.billingperiodstatus) as period_count
from lines
left join
    {{ ref("focus_billing_period") }} as periods
    on periods.invoiceissuername = lines.invoiceissuername
    and periods.billingperiodstart = lines.billingperiodstart
    and periods.billingperiodend = lines.billingperiodend
group by 1, 2, 3
having count(periods.billingperiodstatus) <> 1
