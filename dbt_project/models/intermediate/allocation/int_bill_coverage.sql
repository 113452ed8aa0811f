{#- Where a bill says what usage cost: provider, account and day with at least one charge for language model usage whose
    dollar amount is known. A charge over several days covers each of them. account_id '' means any account. A report
    that names no account (a key sees its own organisation only, and an export is of one) covers whatever accounts
    events name. -#}
{%- set reports_of_own_account = reported_charge_sources(ends="_api") %}
with
    charges as (
        select *, coalesce(charge_period_end_utc, charge_period_start_utc + interval '1' day) as covered_to_utc
        from {{ ref("int_charges") }}
        where
            is_llm_charge
            and charge_category = 'Usage'
            and billed_cost_usd is not null
            and provider_id is not null
            and charge_date is not null
    ),

    covered as (
        select distinct
            charges.provider_id,
            {{ account_of("charges.billing_account_id") }} as billing_account_id,
            {{ account_of("charges.sub_account_id") }} as sub_account_id,
            dates.date_day as usage_date,
            charges.charge_source = 'openai_dashboard'
            or (
                charges.billing_account_id is null and charges.charge_source in {{ reports_of_own_account }}
            ) as covers_every_account
        from charges
        inner join
            {{ ref("int_dates") }} as dates
            on dates.date_day >= charges.charge_date
            and (dates.date_day = charges.charge_date or cast(dates.date_day as timestamp) < charges.covered_to_utc)
    ),

    accounts as (
        select distinct contexts.provider_id, hourly.account_id, hourly.usage_date
        from (select distinct usage_context_id, account_id, usage_date from {{ ref("int_llm_usage_hourly") }}) as hourly
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = hourly.usage_context_id
        where hourly.account_id is not null
    )

select provider_id, billing_account_id as account_id, usage_date
from covered
where billing_account_id is not null
union
select provider_id, sub_account_id, usage_date
from covered
where sub_account_id is not null
union
select provider_id, '', usage_date
from covered
union
select covered.provider_id, accounts.account_id, covered.usage_date
from covered
inner join accounts on accounts.provider_id = covered.provider_id and accounts.usage_date = covered.usage_date
where covered.covers_every_account
