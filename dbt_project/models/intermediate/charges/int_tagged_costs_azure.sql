{#- The same money as in int_charges_azure_cost_query, by meter and tag value: evidence for allocation, never added to
    it. -#}
{{ config(materialized="view") }}

with
    query as (select * from {{ ref("stg_azure__cost_query") }} where group_by like '%TagKey:%'),

    tagged as (
        select
            usage_date,
            scope,
            meter,
            tag_key,
            tag_value,
            cost as billed_cost,
            cost_text as billed_cost_text,
            currency as billing_currency,
            coalesce(cost_usd, case when currency = 'USD' then cost end) as billed_cost_usd,
            _source_file_id,
            _source_row
        from query
    )

select *
from tagged
