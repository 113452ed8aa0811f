{{ config(materialized="view") }} select * from {{ ref("int_gpu_usage_hourly") }}
