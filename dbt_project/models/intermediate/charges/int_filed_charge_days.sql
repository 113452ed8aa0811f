{#- Provider × account × day that a billing file charges for. A charge over several days (a usage line of a month)
    covers each of them; other categories cover the day they start on. An account is listed under its billing account
    and its sub account, and under '' as some account of the provider. -#}
with
    charges as (
        select
            provider_id,
            {{ account_of("billing_account_id") }} as billing_account_id,
            {{ account_of("sub_account_id") }} as sub_account_id,
            cast(coalesce(charge_period_start_utc, billing_period_start_utc) as date) as first_date,
            case
                when lower(charge_category) = 'usage'
                then coalesce(charge_period_end_utc, charge_period_start_utc + interval '1' day)
            end as covered_to_utc
        from {{ ref("int_charges_filed") }}
    ),

    distinct_charges as (
        select distinct provider_id, billing_account_id, sub_account_id, first_date, covered_to_utc
        from charges
        where provider_id is not null and first_date is not null
    ),

    days as (
        select cast(first_date as date) as charge_date
        from distinct_charges
        union
        select cast(charge_period_start_utc as date)
        from {{ ref("int_charges_reported") }}
        where charge_period_start_utc is not null
    ),

    covered as (
        select distinct charges.provider_id, charges.billing_account_id, charges.sub_account_id, days.charge_date
        from distinct_charges as charges
        inner join
            days
            on days.charge_date >= charges.first_date
            and (days.charge_date = charges.first_date or cast(days.charge_date as timestamp) < charges.covered_to_utc)
    )

select provider_id, billing_account_id as account_id, charge_date
from covered
where billing_account_id is not null
union
select provider_id, sub_account_id, charge_date
from covered
where sub_account_id is not null
union
select provider_id, '', charge_date
from covered
