{#- Where a bill says what usage cost: provider, account and day with at least one charge for language model usage
    whose dollar amount is known. A charge over several days covers each of them. account_id '' means any account. -#}
with charges as (
    select
        *,
        coalesce(charge_period_end_utc, charge_period_start_utc + interval '1' day) as covered_to_utc
    from {{ ref('fct_charges') }}
    where
        is_llm_charge
        and charge_category = 'Usage'
        and billed_cost_usd is not null
        and provider_id is not null
        and charge_date is not null
),

covered as (
    select distinct charges.provider_id, charges.billing_account_id, charges.sub_account_id, dates.date_day as usage_date
    from charges
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day >= charges.charge_date
        and (dates.date_day = charges.charge_date or cast(dates.date_day as timestamp) < charges.covered_to_utc)
)

select provider_id, billing_account_id as account_id, usage_date from covered where billing_account_id is not null
union
select provider_id, sub_account_id, usage_date from covered where sub_account_id is not null
union
select provider_id, '', usage_date from covered
