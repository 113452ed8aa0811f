{#- The lines of invoices, and the tax printed beside a line as a line of its own. An invoice whose number a bill names
    takes account and provider from there where it does not say them. Dollars are the invoice's own, else those at the
    rate of its date, else unknown. -#}
with
    billed as (
        select
            invoice_id,
            max(coalesce(provider_id, 'unknown')) as provider_id,
            max(billing_account_id) as billing_account_id
        from {{ ref("int_charges") }}
        where invoice_id is not null
        group by 1
        having count(distinct coalesce(provider_id, 'unknown')) = 1
    ),

    described as (
        select
            invoices.*,
            coalesce(
                aliases.provider_id,
                billed.provider_id,
                lower(coalesce(invoices.provider_name, invoices.invoice_issuer_name)),
                'unknown'
            ) as provider_id,
            coalesce(invoices.billing_account_id, billed.billing_account_id) as invoiced_account_id,
            lower(coalesce(invoices.charge_category, '')) as given_category,
            rates.usd_per_unit,
            ' '
            ||
            {{- words_of("coalesce(invoices.charge_category, '') || ' ' || coalesce(invoices.line_description, '')") }}
            || ' ' as words
        from
            {{ ref("stg_billing__invoices") }} as invoices
            {{ join_provider("lower(trim(coalesce(invoices.provider_name, invoices.invoice_issuer_name)))") }}
        left join billed on billed.invoice_id = invoices.invoice_id
        left join
            {{ ref("int_fx_rates") }} as rates
            on rates.currency = invoices.currency
            and
            {{ valid_on("rates", "coalesce(invoices.invoice_date, cast(invoices.billing_period_start_utc as date))") }}
    ),

    parts as (
        select
            described.*,
            case
                when given_category in ('usage', 'purchase', 'tax', 'credit', 'adjustment')
                then upper(substr(given_category, 1, 1)) || substr(given_category, 2)
                when words like '% tax %' or words like '% vat %' or words like '% gst %'
                then 'Tax'
                when words like '% credit %' or words like '% credits %' or words like '% refund %'
                then 'Credit'
                else 'Usage'
            end as part_category,
            amount as part_amount,
            case
                when currency = 'USD' then amount else coalesce(amount_usd, {{ converted("amount", "usd_per_unit") }})
            end as part_amount_usd
        from described
        union all
        select
            described.*,
            'Tax' as part_category,
            tax_amount as part_amount,
            case
                when currency = 'USD' then tax_amount else {{ converted("tax_amount", "usd_per_unit") }}
            end as part_amount_usd
        from described
        where tax_amount <> 0
    )

select
    provider_id,
    invoiced_account_id as billing_account_id,
    invoice_id,
    {{ month_of("billing_period_start_utc") }} as invoice_month,
    billing_period_start_utc,
    billing_period_end_utc,
    invoice_date,
    due_date,
    line_number,
    line_description,
    part_category as charge_category,
    currency,
    part_amount as amount,
    part_amount_usd as amount_usd,
    _source_file_id,
    _source_row
from parts
