{#- Shares and utilisations as Azure averages them, for reading; summing or averaging them again has no meaning. -#}
select
    'azure' as provider_id,
    usage_hour_utc,
    cast(usage_hour_utc as date) as usage_date,
    split_part(resource_id, '/', 3) as account_id,
    resource_id as project_id,
    model_deployment_name as deployment_name,
    metric,
    dimensions,
    quantity as average_pct
from {{ ref("stg_azure__metrics") }}
where aggregation = 'average' and unit = 'Percent'
