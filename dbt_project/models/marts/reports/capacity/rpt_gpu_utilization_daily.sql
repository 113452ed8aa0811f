with
    hours as (select * from {{ ref("fct_gpu_usage_hourly") }}),

    daily as (
        select
            usage_date,
            gpu_key,
            host,
            gpu_id,
            max(gpu_name) as gpu_name,
            cast(sum(used_seconds) as decimal(38, 12)) as used_seconds,
            cast(sum(idle_seconds) as decimal(38, 12)) as idle_seconds,
            cast(sum(allocated_idle_seconds) as decimal(38, 12)) as allocated_idle_seconds,
            cast(sum(unallocated_seconds) as decimal(38, 12)) as unallocated_seconds,
            cast(sum(no_telemetry_seconds) as decimal(38, 12)) as no_telemetry_seconds,
            {{ money_sum("used_cost_usd") }} as used_cost_usd,
            {{ money_sum("idle_cost_usd") }} as idle_cost_usd,
            {{ money_sum("allocated_idle_cost_usd") }} as allocated_idle_cost_usd,
            {{ money_sum("unallocated_cost_usd") }} as unallocated_cost_usd,
            {{ money_sum("no_telemetry_cost_usd") }} as no_telemetry_cost_usd,
            {{ money_sum("gpu_cost_usd") }} as gpu_cost_usd,
            cast(sum(energy_kwh) as decimal(38, 12)) as energy_kwh,
            cast(sum(sample_count) as bigint) as sample_count
        from hours
        group by 1, 2, 3, 4
    )

select
    *,
    {{ ratio("used_seconds", "used_seconds + idle_seconds", 12) }} as gpu_utilization_ratio,
    {{ ratio("idle_cost_usd", "gpu_cost_usd", 12) }} as idle_cost_share_ratio
from daily
