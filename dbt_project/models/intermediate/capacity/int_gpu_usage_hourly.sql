{#- Seconds come from int_gpu_samples_timed; a sample that runs over the hour is split at it. Used is time ×
    utilisation, idle the rest, unattributed what came without a utilisation. The hour's rate is the one of its GPU
    (int_gpus). -#}
with
    pieces as (
        select
            *,
            date_trunc('hour', sampled_at_utc) as usage_hour_utc,
            least(
                duration_us,
                {{ microseconds_between("sampled_at_utc", "date_trunc('hour', sampled_at_utc) + interval '1' hour") }}
            ) as piece_us,
            1 as sample_count
        from {{ ref("int_gpu_samples_timed") }}
        union all
        select
            *,
            date_trunc('hour', sampled_at_utc) + interval '1' hour,
            duration_us
            - {{ microseconds_between("sampled_at_utc", "date_trunc('hour', sampled_at_utc) + interval '1' hour") }},
            0
        from {{ ref("int_gpu_samples_timed") }}
        where
            duration_us
            > {{ microseconds_between("sampled_at_utc", "date_trunc('hour', sampled_at_utc) + interval '1' hour") }}
    ),

    measured as (
        select
            *,
            cast(piece_us as decimal(18, 0)) * cast(0.000001 as decimal(6, 6)) as seconds,
            case
                when gpu_utilization_pct is not null
                then
                    cast(piece_us as decimal(14, 0))
                    * cast(gpu_utilization_pct as decimal(9, 6))
                    * cast(0.00000001 as decimal(8, 8))
            end as busy_seconds
        from pieces
    ),

    hourly as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            max(gpu_name) as gpu_name,
            workload,
            cast(sum(seconds) as decimal(38, 12)) as all_seconds,
            cast(coalesce(sum(busy_seconds), 0) as decimal(38, 12)) as used_seconds,
            cast(
                coalesce(sum(case when gpu_utilization_pct is null then seconds end), 0) as decimal(38, 12)
            ) as unattributed_seconds,
            {{
                ratio(
                    "sum(gpu_utilization_pct * piece_us)",
                    "sum(case when gpu_utilization_pct is not null then piece_us end)",
                )
            }} as avg_gpu_utilization_pct,
            {{
                ratio(
                    "sum(memory_used_mib * piece_us)", "sum(case when memory_used_mib is not null then piece_us end)"
                )
            }} as avg_memory_used_mib,
            {{ ratio("sum(power_watts * piece_us)", "sum(case when power_watts is not null then piece_us end)") }}
            as avg_power_watts,
            cast(sum(sample_count) as bigint) as sample_count
        from measured
        group by usage_hour_utc, host, gpu_id, workload
    ),

    split as (
        select
            hourly.*,
            hourly.all_seconds - hourly.used_seconds - hourly.unattributed_seconds as idle_seconds,
            gpus.gpu_key,
            gpus.gpu_rate_usd_per_hour
        from hourly
        left join {{ ref("int_gpus") }} as gpus on gpus.host = hourly.host and gpus.gpu_id = hourly.gpu_id
    ),

    costed as (
        select
            *,
            {{ hours_cost("all_seconds", "gpu_rate_usd_per_hour") }} as all_cost_usd,
            {{ hours_cost("used_seconds", "gpu_rate_usd_per_hour") }} as used_cost_usd,
            {{ hours_cost("unattributed_seconds", "gpu_rate_usd_per_hour") }} as unattributed_cost_usd
        from split
    )

select
    {{ surrogate_key(["usage_hour_utc", "host", "gpu_id", "workload"]) }} as gpu_usage_key,
    usage_hour_utc,
    cast(usage_hour_utc as date) as usage_date,
    gpu_key,
    host,
    gpu_id,
    gpu_name,
    workload,
    used_seconds,
    idle_seconds,
    unattributed_seconds,
    gpu_rate_usd_per_hour,
    used_cost_usd,
    -- The rest, so that the three parts sum to the cost of all seconds.
    all_cost_usd - used_cost_usd - unattributed_cost_usd as idle_cost_usd,
    unattributed_cost_usd,
    avg_gpu_utilization_pct,
    avg_memory_used_mib,
    avg_power_watts,
    sample_count
from costed
