{#- Shares and utilisations as Azure averages them, for reading; summing or averaging them again has no meaning. -#}
{{ config(materialized="view") }}

with
    metrics as (select * from {{ ref("stg_azure__metrics") }} where aggregation = 'average'),

    utilization as (
        select
            usage_hour_utc,
            cast(usage_hour_utc as date) as usage_date,
            split_part(resource_id, '/', 3) as account_id,
            resource_id as project_id,
            model_deployment_name as deployment_name,
            metric,
            unit,
            quantity as average_pct,
            _source_file_id,
            _source_row
        from metrics
        where unit = 'Percent'
    )

select *
from utilization
