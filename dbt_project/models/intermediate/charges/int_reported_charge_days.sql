{#- Days that any report charges for. -#}
{{ config(materialized="view") }}

select distinct cast(charge_period_start_utc as date) as charge_date
from {{ ref("int_charges_reported") }}
where charge_period_start_utc is not null
