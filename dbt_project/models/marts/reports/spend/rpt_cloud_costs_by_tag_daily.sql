{#- What clouds say of the same charges by the value of a tag: to check tags on charges against, never to be added to
    them. -#}
select
    'aws' as provider_id,
    cast(null as string) as scope,
    period_start_date as usage_date,
    service as service_name,
    tag_key,
    tag_value,
    currency as billing_currency,
    unblended_cost as billed_cost
from {{ ref("stg_aws__cost_explorer") }}
where tag_key is not null
union all
select 'azure', scope, usage_date, meter, tag_key, tag_value, currency, cost
from {{ ref("stg_azure__cost_query") }}
where group_by like '%TagKey:%'
