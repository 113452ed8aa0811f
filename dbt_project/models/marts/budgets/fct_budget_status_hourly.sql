{{ config(materialized="view") }} select * from {{ ref("int_budget_status_hourly") }}
