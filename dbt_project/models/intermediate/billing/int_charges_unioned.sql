{#- Every charge once, with a text of the SKU that patterns are matched against. A billing file is the provider's last
    word: what a report says about the same provider, account and day stays out. -#}
{{ config(materialized='view') }}

with reported as (
    select reported.*
    from {{ ref('int_charges_reported') }} as reported
    left join {{ ref('int_filed_charge_days') }} as filed
        on filed.provider_id = reported.provider_id
        and filed.account_id = coalesce(reported.account_id, '')
        and filed.charge_date = cast(reported.charge_period_start_utc as date)
    where filed.provider_id is null
),

charges as (
    select
        {{- charge_columns() }},
        provider_id
    from {{ ref('int_charges_filed') }}
    union all
    select
        {{- charge_columns() }},
        provider_id
    from reported
)

select
    *,
    ' ' || {{ words_of('sku_text') }} || ' ' as sku_pattern_text
from charges
