with
    seen as (
        select {{ reporting_date("cast(min(usage_date) as timestamp)") }} as first_date, max(usage_date) as last_date
        from {{ ref("int_usage_file_days") }}
        union all
        select min(charge_date), max(greatest(charge_date, coalesce(cast(charge_period_end_utc as date), charge_date)))
        from {{ ref("int_charges") }}
        union all
        select min(cast(sampled_at_utc as date)), max(cast(sampled_at_utc as date))
        from {{ ref("stg_gpu__gpu_samples") }}
        union all
        select min(cast(hour_start_utc as date)), max(cast(hour_start_utc as date))
        from {{ ref("stg_gpu__gpu_sample_hours") }}
        where sample_count > 0
    ),

    bounds as (
        select
            cast(date_trunc('year', min(first_date)) as date) as first_day,
            cast(date_trunc('year', max(last_date)) + interval '2' year - interval '1' day as date) as last_day
        from seen
    ),

    days as ({{ date_spine("bounds.first_day", "bounds.last_day") }} from bounds)

select date_day
from days
