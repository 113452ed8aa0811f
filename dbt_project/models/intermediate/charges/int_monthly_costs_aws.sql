{#- Months by service and record type (usage, credit, refund, tax), to check the days against; the same money again. -#}
{{ config(materialized="view") }}

with
    report as (select * from {{ ref("stg_aws__cost_explorer") }} where report = 'cost_monthly'),

    months as (
        select
            period_start_date as month_start_date,
            service as service_name,
            record_type,
            unblended_cost as billed_cost,
            unblended_cost_text as billed_cost_text,
            amortized_cost as effective_cost,
            currency as billing_currency,
            is_estimated,
            _source_file_id,
            _source_row
        from report
    )

select *
from months
