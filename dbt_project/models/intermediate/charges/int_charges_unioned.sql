{#- Every charge once, with a text of the SKU that patterns are matched against. A billing file is the provider's last
    word: what a report says about the same provider, account and day stays out. What OpenAI's dashboard exported is of
    its organisation where every bill names organisations, too; else a bill of any account may be about it. Dollars are
    the bill's own where it gives them, else the amount at the rate of the charge's day, rounded once; without a rate
    they are NULL. -#}
{{ config(materialized="view") }}

with
    bills_of_openai as (
        select {{ are_all_organizations("billing_account_id") }} as are_of_organizations
        from {{ ref("int_charges_filed") }}
        where provider_id = 'openai'
    ),

    reported as (
        select reported.*
        from {{ ref("int_charges_reported") }} as reported
        cross join bills_of_openai
        left join
            {{ ref("int_filed_charge_days") }} as filed
            on filed.provider_id = reported.provider_id
            and filed.account_id = case
                when reported.account_id is not null
                then reported.account_id
                when
                    bills_of_openai.are_of_organizations
                    and reported.charge_source = 'openai_dashboard'
                    and reported.billing_account_id like 'org-%'
                then reported.billing_account_id
                else ''
            end
            and filed.charge_date = cast(reported.charge_period_start_utc as date)
        where filed.provider_id is null
    ),

    charges as (
        select {{- charge_columns() }}, provider_id
        from {{ ref("int_charges_filed") }}
        union all
        select {{- charge_columns() }}, provider_id
        from reported
    ),

    rated as (
        select
            charges.*,
            case
                when upper(charges.billing_currency) = 'USD'
                then 'billing_currency_is_usd'
                when charges.billed_cost_usd is not null
                then 'provider_converted'
                when rates.usd_per_unit is not null and charges.billed_cost is not null
                then 'fx_rate'
            end as billed_cost_usd_basis,
            {{ converted("charges.billed_cost", "rates.usd_per_unit") }} as converted_cost_usd
        from charges
        left join
            {{ ref("int_fx_rates") }} as rates
            on rates.currency = upper(charges.billing_currency)
            and {{
                valid_on(
                    "rates",
                    "cast(coalesce(charges.charge_period_start_utc, charges.billing_period_start_utc) as date)",
                )
            }}
    )

select
    {{-
        charge_columns(
            given={
                "sku_name": "coalesce(sku_name, sku_meter)",
                "billed_cost_usd": (
                    "case billed_cost_usd_basis"
                    " when 'billing_currency_is_usd' then coalesce(billed_cost_usd, billed_cost)"
                    " when 'fx_rate' then converted_cost_usd else billed_cost_usd end"
                ),
            }
        )
    }},
    provider_id,
    billed_cost_usd_basis,
    ' ' || {{ words_of("sku_text") }} || ' ' as sku_pattern_text
from rated
