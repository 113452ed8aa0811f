{#- Closed means: the period was over when its newest file was landed, and every amount of it is on an invoice. A period
    that no invoice is known for stays open, as nothing says that it is final. -#}
with
    charges as ({{ focus_charges_landed() }}),

    periods as (
        select
            invoice_issuer_name,
            billing_period_start_utc,
            billing_period_end_utc,
            min(landed_at_utc) as created_at_utc,
            max(landed_at_utc) as last_updated_at_utc,
            cast(count(*) as bigint) as charge_count,
            cast(
                sum(case when invoice_id is null and billed_cost <> 0 then 1 else 0 end) as bigint
            ) as uninvoiced_charge_count
        from charges
        group by 1, 2, 3
    )

select
    periods.billing_period_start_utc as "BillingPeriodStart",
    periods.billing_period_end_utc as "BillingPeriodEnd",
    case
        when last_updated_at_utc >= billing_period_end_utc and uninvoiced_charge_count = 0 then 'Closed' else 'Open'
    end as "BillingPeriodStatus",
    created_at_utc as "BillingPeriodCreated",
    last_updated_at_utc as "BillingPeriodLastUpdated",
    invoice_issuer_name as "InvoiceIssuerName",
    charge_count as "x_ChargeCount",
    uninvoiced_charge_count as "x_UninvoicedChargeCount"
from periods
