with
    source as (select * from {{ source("raw_billing", "invoices") }}),

    renamed as (
        select
            trim(cast(invoice_id as string)) as invoice_id,
            cast(invoice_issuer_name as string) as invoice_issuer_name,
            cast(provider_name as string) as provider_name,
            cast(billing_account_id as string) as billing_account_id,
            cast(billing_account_name as string) as billing_account_name,
            cast(billing_period_start_utc as timestamp) as billing_period_start_utc,
            -- Invoices print the last day of a month where the standard has the first of the next.
            case
                when billing_period_end_utc is null
                then {{ month_end("billing_period_start_utc") }}
                when
                    billing_period_end_utc = date_trunc('day', billing_period_end_utc)
                    and extract(day from billing_period_end_utc + interval '1' day) = 1
                then billing_period_end_utc + interval '1' day
                else billing_period_end_utc
            end as billing_period_end_utc,
            cast(invoice_date as date) as invoice_date,
            cast(due_date as date) as due_date,
            cast(purchase_order_id as string) as purchase_order_id,
            cast(line_number as string) as line_number,
            cast(line_description as string) as line_description,
            cast(charge_category as string) as charge_category,
            cast(service_name as string) as service_name,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(unit as string) as unit,
            cast(unit_price as decimal(38, 12)) as unit_price,
            cast(amount as decimal(38, 12)) as amount,
            cast(amount_text as string) as amount_text,
            upper(trim(cast(currency as string))) as currency,
            cast(amount_usd as decimal(38, 12)) as amount_usd,
            cast(tax_amount as decimal(38, 12)) as tax_amount,
            cast(tax_rate_pct as decimal(38, 12)) as tax_rate_pct,
            cast(extra_columns as string) as extra_columns,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
