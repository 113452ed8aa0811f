{#- When each file that brings charges was landed, by the origin and number that a charge names. -#}
{{ config(materialized="view") }}

select 'billing' as charge_origin, file_id, landed_at_utc
from {{ ref("stg_billing__files") }}
where not is_superseded
union all
select source, file_id, landed_at_utc
from {{ ref("stg_landing__report_files") }}
where not is_superseded
