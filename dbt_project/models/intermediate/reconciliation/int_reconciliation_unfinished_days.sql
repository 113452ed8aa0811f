{#- Days whose usage or cost report a provider has not finished, by the ledger of pulls. -#}
with
    pulls as (
        {%- for name in api_sources() %}
            {{ 'union all' if not loop.first }}
            select '{{ "google" if name == "gcp" else name }}' as provider_id, endpoint, usage_date, status
            from {{ ref("stg_" ~ name ~ "__pulls") }}
        {%- endfor %}
    )

select distinct
    provider_id,
    usage_date,
    case
        when endpoint like '%cost%' or endpoint like '%billing%' or endpoint = 'activity' then 'billed' else 'metered'
    end as side
from pulls
where status in ('partial', 'missing') and usage_date is not null
