{#- The charges of every billing file, with the provider's id. Oracle's cost reports never restate one another, and what
    a FOCUS file says of the same tenancy or compartment on the same day is the same money: FOCUS counts. -#}
{{ config(materialized="view") }}

with
    focus_accounts as (
        select
            cast(charge_period_start_utc as date) as charge_date, {{ account_of("billing_account_id") }} as account_id
        from {{ ref("int_charges_focus") }}
        where {{ is_oracle("provider_name") }}
        union
        select cast(charge_period_start_utc as date), {{ account_of("sub_account_id") }}
        from {{ ref("int_charges_focus") }}
        where {{ is_oracle("provider_name") }}
    ),

    charges as (
        {% for name in ["focus", "aws_cur", "azure"] -%}
            select *
            from {{ ref("int_charges_" ~ name) }}
            union all
        {% endfor %}
        select *
        from {{ ref("int_charges_oci") }} as oci
        where
            not exists (
                select 1
                from focus_accounts
                where
                    focus_accounts.charge_date = cast(oci.charge_period_start_utc as date)
                    and focus_accounts.account_id in (oci.billing_account_id, oci.sub_account_id)
            )
    )

select charges.*, coalesce(aliases.provider_id, lower(charges.provider_name)) as provider_id
from charges {{ join_provider("lower(trim(charges.provider_name))") }}
