{#- What could not be converted for want of a rate: charges, own costs and invoices that have no dollar amount, and
    spend that a statement in the reporting currency has to leave open. The remedy is the line that fx_rates.csv
    lacks. -#}
{%- set reporting_currency = var("reporting_currency") %}
with
    charges as (
        select
            'dollars_of_charges' as needed_for,
            upper(billing_currency) as currency,
            cast(coalesce(charge_period_start_utc, billing_period_start_utc) as date) as charge_date,
            billed_cost as unconverted_amount,
            upper(billing_currency) as unconverted_amount_currency
        from {{ ref("int_charges_unioned") }}
        where billed_cost_usd is null and billed_cost is not null
    ),

    own_costs as (
        select
            'dollars_of_own_costs' as needed_for,
            currency,
            usage_date as charge_date,
            cost as unconverted_amount,
            currency as unconverted_amount_currency
        from {{ ref("int_tco_costs_daily") }}
        where cost_usd is null and cost is not null
    ),

    invoices as (
        select
            'dollars_of_invoices' as needed_for,
            currency,
            coalesce(invoice_date, cast(billing_period_start_utc as date)) as charge_date,
            amount as unconverted_amount,
            currency as unconverted_amount_currency
        from {{ ref("int_invoice_lines") }}
        where amount_usd is null and amount is not null
    ),

    spend as (
        select
            'reporting_currency' as needed_for,
            '{{ reporting_currency }}' as currency,
            usage_date as charge_date,
            spend_usd as unconverted_amount,
            'USD' as unconverted_amount_currency
        from {{ ref("rpt_cost_daily") }}
        where
            spend_usd is not null
            and not exists (
                select 1
                from {{ ref("int_fx_rates") }} as rates
                where rates.currency = '{{ reporting_currency }}' and {{ valid_on("rates", "usage_date") }}
            )
    ),

    missing as (
        select *
        from charges
        union all
        select *
        from own_costs
        union all
        select *
        from invoices
        union all
        select *
        from spend
    )

select
    {{ surrogate_key(["needed_for", "currency"]) }} as missing_fx_rate_key,
    needed_for,
    currency,
    min(charge_date) as first_date,
    max(charge_date) as last_date,
    cast(count(distinct charge_date) as bigint) as day_count,
    cast(count(*) as bigint) as row_count,
    {{ money_sum("unconverted_amount") }} as unconverted_amount,
    unconverted_amount_currency,
    case
        when currency is null
        then 'the bill names no currency; correct it there'
        else
            'fx_rates.csv: currency '
            || currency
            || ', usd_per_unit <US dollars per unit>, valid_from '
            || coalesce(cast(min(charge_date) as string), '')
    end as remedy
from missing
group by needed_for, currency, unconverted_amount_currency
