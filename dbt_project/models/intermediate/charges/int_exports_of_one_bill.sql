{#- Days that Google's, Oracle's or OpenAI's own export and a FOCUS file both charge to one account: the same money
    twice, of which FOCUS counts (int_charges_unioned, int_charges_filed). By what it says here a person sees whether it
    is all. Of OpenAI any two accounts may be one, but for two organisations where bills name nothing else. -#}
{{ config(materialized="view") }}

with
    charges as (
        select
            'google' as provider,
            true as is_native,
            billing_account_id,
            cast(null as string) as sub_account_id,
            cast(charge_period_start_utc as date) as charge_date,
            billing_currency,
            billed_cost
        from {{ ref("int_charges_gcp") }}
        union all
        select
            'oracle',
            true,
            billing_account_id,
            sub_account_id,
            cast(charge_period_start_utc as date),
            billing_currency,
            billed_cost
        from {{ ref("int_charges_oci") }}
        union all
        select
            'openai',
            true,
            billing_account_id,
            cast(null as string),
            cast(charge_period_start_utc as date),
            billing_currency,
            billed_cost
        from {{ ref("int_charges_openai_dashboard") }}
        union all
        select
            case
                when {{ is_oracle("provider_name") }}
                then 'oracle'
                when lower(provider_name) like '%openai%'
                then 'openai'
                else 'google'
            end,
            false,
            {{ account_of("billing_account_id") }},
            {{ account_of("sub_account_id") }},
            cast(charge_period_start_utc as date),
            billing_currency,
            billed_cost
        from {{ ref("int_charges_focus") }}
        where
            {{ is_oracle("provider_name") }}
            or lower(provider_name) like '%google%'
            or (lower(provider_name) like '%openai%' and lower(provider_name) not like '%azure%')
    ),

    bills as (
        select {{ are_all_organizations("billing_account_id") }} as are_organizations
        from charges
        where provider = 'openai' and not is_native
    ),

    -- Once per account and day, however many rows charge it.
    account_days as (
        select provider, is_native, billing_account_id as account_id, charge_date
        from charges
        union
        select provider, is_native, sub_account_id, charge_date
        from charges
        where provider <> 'openai'
    )

select
    provider,
    cast({{ month_start("charge_date") }} as date) as month_start_date,
    billing_currency,
    cast(count(distinct charge_date) as bigint) as day_count,
    min(charge_date) as first_date,
    cast(sum(case when is_native then 1 else 0 end) as bigint) as left_out_count,
    {{ money_sum("case when is_native then billed_cost else 0 end") }} as left_out_cost,
    {{ money_sum("case when is_native then 0 else billed_cost end") }} as counted_cost
from charges
cross join bills
where
    exists (
        select 1
        from account_days as other
        where
            other.provider = charges.provider
            and other.is_native <> charges.is_native
            and other.charge_date = charges.charge_date
            and (
                other.account_id in (charges.billing_account_id, charges.sub_account_id)
                or (
                    charges.provider = 'openai'
                    and not (
                        bills.are_organizations
                        and coalesce(other.account_id, '') like 'org-%'
                        and coalesce(charges.billing_account_id, '') like 'org-%'
                    )
                )
            )
    )
group by 1, 2, 3
