{{ config(materialized="view") }} select * from {{ ref("int_usage_priced_hourly") }}
