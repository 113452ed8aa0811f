{#- Days whose usage or cost report a provider has not finished, by the ledger of pulls. -#}
select distinct
    case when source = 'api/gcp' then 'google' else replace(source, 'api/', '') end as provider_id,
    usage_date,
    case
        when endpoint like '%cost%' or endpoint like '%billing%' or endpoint = 'activity' then 'billed' else 'metered'
    end as side
from {{ ref("stg_landing__pulls") }}
where status in ('partial', 'missing') and usage_date is not null
