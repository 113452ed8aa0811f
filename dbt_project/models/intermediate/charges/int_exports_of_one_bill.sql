{#- Days that Google's or Oracle's own export and a FOCUS file both charge to one account: the same money twice, of
    which FOCUS counts (int_charges_unioned, int_charges_filed). By what it says here a person sees whether it is
    all. -#}
{{ config(materialized="view") }}

with
    native as (
        select
            'google' as provider,
            billing_account_id,
            cast(null as string) as sub_account_id,
            cast(charge_period_start_utc as date) as charge_date,
            billing_currency,
            billed_cost
        from {{ ref("int_charges_gcp") }}
        union all
        select
            'oracle',
            billing_account_id,
            sub_account_id,
            cast(charge_period_start_utc as date),
            billing_currency,
            billed_cost
        from {{ ref("int_charges_oci") }}
    ),

    focus as (
        select
            case when {{ is_oracle("provider_name") }} then 'oracle' else 'google' end as provider,
            {{ account_of("billing_account_id") }} as billing_account_id,
            {{ account_of("sub_account_id") }} as sub_account_id,
            cast(charge_period_start_utc as date) as charge_date,
            billing_currency,
            billed_cost
        from {{ ref("int_charges_focus") }}
        where {{ is_oracle("provider_name") }} or lower(provider_name) like '%google%'
    ),

    -- Once per account and day, however many rows charge it.
    focus_days as (
        select provider, billing_account_id as account_id, charge_date
        from focus
        union
        select provider, sub_account_id, charge_date
        from focus
    ),

    native_days as (
        select provider, billing_account_id as account_id, charge_date
        from native
        union
        select provider, sub_account_id, charge_date
        from native
    ),

    met as (
        select provider, charge_date, billing_currency, 1 as left_out, billed_cost as left_out_cost, 0 as counted_cost
        from native
        where
            exists (
                select 1
                from focus_days
                where
                    focus_days.provider = native.provider
                    and focus_days.charge_date = native.charge_date
                    and focus_days.account_id in (native.billing_account_id, native.sub_account_id)
            )
        union all
        select provider, charge_date, billing_currency, 0, 0, billed_cost
        from focus
        where
            exists (
                select 1
                from native_days
                where
                    native_days.provider = focus.provider
                    and native_days.charge_date = focus.charge_date
                    and native_days.account_id in (focus.billing_account_id, focus.sub_account_id)
            )
    )

select
    provider,
    cast({{ month_start("charge_date") }} as date) as month_start_date,
    billing_currency,
    cast(count(distinct charge_date) as bigint) as day_count,
    min(charge_date) as first_date,
    cast(sum(left_out) as bigint) as left_out_count,
    {{ money_sum("left_out_cost") }} as left_out_cost,
    {{ money_sum("counted_cost") }} as counted_cost
from met
group by 1, 2, 3
