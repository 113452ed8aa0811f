{#- The same money as in int_charges_aws_cost_explorer, by service and tag value: evidence for allocation, never added
    to it. -#}
{{ config(materialized="view") }}

with
    report as (select * from {{ ref("stg_aws__cost_explorer") }} where tag_key is not null),

    tagged as (
        select
            period_start_date as usage_date,
            service as service_name,
            tag_key,
            tag_value,
            unblended_cost as billed_cost,
            unblended_cost_text as billed_cost_text,
            currency as billing_currency,
            is_estimated,
            _source_file_id,
            _source_row
        from report
    )

select *
from tagged
