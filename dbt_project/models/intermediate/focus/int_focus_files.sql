{#- When each file that brings charges was landed, by the origin and number that a charge names. -#}
{{ config(materialized="view") }}

select 'billing' as charge_origin, file_id, landed_at_utc
from {{ ref("stg_billing__files") }}
where not is_superseded
{%- for name in sources_that_report("charges") %}
    union all
    select 'api/{{ name }}', file_id, landed_at_utc
    from {{ ref("stg_" ~ name ~ "__files") }}
    where not is_superseded
{%- endfor %}
