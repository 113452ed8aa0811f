{#- How long each sample stands for: until the next one of its GPU, at most twice the GPU's median step (a longer
    silence is not running time) and never more than gpu_sample_gap_limit_seconds. The last sample stands for one
    median step. In microseconds, so that nothing is rounded. -#}
with
    samples as (
        select
            sampled_at_utc,
            coalesce(host, '') as host,
            coalesce(gpu_id, '0') as gpu_id,
            max(gpu_name) as gpu_name,
            max(workload) as workload,
            max(gpu_utilization_pct) as gpu_utilization_pct,
            max(memory_used_mib) as memory_used_mib,
            max(power_watts) as power_watts
        from {{ ref("stg_gpu__gpu_samples") }}
        group by 1, 2, 3
    ),

    stepped as (
        select
            *,
            {{
                microseconds_between(
                    "sampled_at_utc", "lead(sampled_at_utc) over (partition by host, gpu_id order by sampled_at_utc)"
                )
            }} as step_us
        from samples
    ),

    medians as (
        select host, gpu_id, cast({{ median_of("step_us") }} as bigint) as median_step_us
        from stepped
        where step_us is not null
        group by 1, 2
    ),

    timed as (
        select
            stepped.*,
            least(
                coalesce(stepped.step_us, medians.median_step_us, 0),
                2 * coalesce(medians.median_step_us, 0),
                cast({{ var("gpu_sample_gap_limit_seconds") }} as bigint) * 1000000
            ) as duration_us
        from stepped
        left join medians on medians.host = stepped.host and medians.gpu_id = stepped.gpu_id
    )

select *
from timed
