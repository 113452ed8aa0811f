{#- What telemetry says of each hour and GPU, by who used it: microseconds × parts of the GPU (840 are a whole one) and
    of them what was busy, in millionths. A sample stands for the time it says, else until the next one of its GPU, at
    most twice the GPU's median step (a longer silence is not running time) and never more than
    gpu_sample_gap_limit_seconds; the last one for a median step. Of sources that tell of one GPU and hour the fullest
    counts. Whole numbers and decimals all the way: what was busy is rounded once an hour, and no order of adding
    changes it. Each step is read once, so that millions of samples stream through and are not kept. Samples that say
    how long each stands for come summed by hour from Parquet files. -#}
{%- set sources = [("file", ref("stg_gpu__gpu_samples")), ("prometheus", ref("stg_prometheus__gpu_samples"))] %}

with
    stepped as (
        select
            *,
            {{
                microseconds_between(
                    "sampled_at_utc",
                    "lead(sampled_at_utc) over (partition by host, gpu_id "
                    ~ "order by sampled_at_utc, _source_file_id, _source_row)",
                )
            }} as step_us
        from
            (
                {%- for name, relation in sources %}
                    {{ gpu_samples_of(name, relation, "duration_seconds is null") }} {{ 'union all' if not loop.last }}
                {%- endfor %}
            ) as logged
    ),

    medians as (
        select host, gpu_id, cast({{ median_of("step_us") }} as bigint) as median_step_us
        from stepped
        where step_us > 0
        group by 1, 2
    ),

    timed as (
        select
            {{ all_but("stepped", ["duration_us", "step_us"]) }},
            least(
                coalesce(stepped.step_us, medians.median_step_us, 0),
                2 * coalesce(medians.median_step_us, 0),
                cast({{ var("gpu_sample_gap_limit_seconds") }} as bigint) * 1000000
            ) as duration_us
        from stepped
        left join medians on medians.host = stepped.host and medians.gpu_id = stepped.gpu_id
        {%- for name, relation in sources %}
            union all
            {{ gpu_samples_of(name, relation, "duration_seconds is not null") }}
        {%- endfor %}
    ),

    placed as (
        select
            *,
            date_trunc('hour', sampled_at_utc) as sampled_hour_utc,
            {{ microseconds_between("sampled_at_utc", "date_trunc('hour', sampled_at_utc) + interval '1' hour") }}
            as left_us
        from timed
    ),

    -- A sample that runs over the hour counts in both.
    pieces as (
        select
            placed.*,
            placed.sampled_hour_utc + parts.part * interval '1' hour as usage_hour_utc,
            case
                when parts.part = 0
                then least(placed.duration_us, placed.left_us)
                else placed.duration_us - placed.left_us
            end as piece_us,
            1 - parts.part as sample_count
        from placed
        cross join
            (
                select 0 as part
                union all
                select 1
            ) as parts
        where parts.part = 0 or placed.duration_us > placed.left_us
    ),

    summed as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            sample_source,
            workload,
            namespace,
            gpu_name,
            split_method,
            sum(piece_us * share_parts) as measured_parts,
            sum(case when gpu_utilization_pct is null then piece_us * share_parts end) as unknown_parts,
            sum(gpu_utilization_pct * (piece_us * share_parts)) as busy_percent_parts,
            sum(case when memory_used_mib is not null then piece_us end) as memory_us,
            sum(memory_used_mib * piece_us) as memory_mib_us,
            max(memory_used_mib) as max_memory_used_mib,
            sum(case when power_watts is not null then piece_us end) as power_us,
            sum(power_watts * piece_us) as power_watt_us,
            sum(power_watts * (piece_us * share_parts)) as power_watt_parts,
            sum(sample_count) as sample_count
        from pieces
        group by 1, 2, 3, 4, 5, 6, 7, 8
        union all
        select
            hour_start_utc,
            host,
            gpu_id,
            'file',
            workload,
            namespace,
            gpu_name,
            split_method,
            measured_parts,
            unknown_parts,
            busy_percent_parts,
            memory_us,
            memory_mib_us,
            max_memory_used_mib,
            power_us,
            power_watt_us,
            power_watt_parts,
            sample_count
        from {{ ref("stg_gpu__gpu_sample_hours") }}
    ),

    hourly as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            sample_source,
            workload,
            namespace,
            max(gpu_name) as gpu_name,
            max(split_method) as split_method,
            sum(measured_parts) as measured_parts,
            coalesce(sum(unknown_parts), 0) as unknown_parts,
            coalesce(sum(busy_percent_parts), 0) as busy_percent_parts,
            {{ ratio("sum(memory_mib_us)", "sum(memory_us)") }} as avg_memory_used_mib,
            max(max_memory_used_mib) as max_memory_used_mib,
            {{ ratio("sum(power_watt_us)", "sum(power_us)") }} as avg_power_watts,
            {{ ratio("sum(power_watt_parts)", 3600000000000 * whole_gpu_parts(), 12) }} as energy_kwh,
            cast(sum(sample_count) as bigint) as sample_count
        from summed
        group by 1, 2, 3, 4, 5, 6
    ),

    fullest as (
        select usage_hour_utc, host, gpu_id, sample_source
        from
            (
                select
                    usage_hour_utc,
                    host,
                    gpu_id,
                    sample_source,
                    row_number() over (
                        partition by usage_hour_utc, host, gpu_id
                        order by sum(measured_parts - unknown_parts) desc, sample_source desc
                    ) as source_rank
                from hourly
                group by 1, 2, 3, 4
            ) as ranked
        where source_rank = 1
    )

select
    {{
        all_but(
            "hourly",
            ["sample_source", "measured_parts", "unknown_parts", "busy_percent_parts", "max_memory_used_mib"],
        )
    }},
    cast(hourly.measured_parts as {{ whole_type() }}) as measured_parts,
    cast(hourly.unknown_parts as {{ whole_type() }}) as unknown_parts,
    cast(round(hourly.busy_percent_parts * 10000, 0) as {{ whole_type() }}) as busy_parts,
    cast(hourly.max_memory_used_mib as decimal(38, 12)) as max_memory_used_mib
from hourly
inner join
    fullest
    on fullest.usage_hour_utc = hourly.usage_hour_utc
    and fullest.host = hourly.host
    and fullest.gpu_id = hourly.gpu_id
    and fullest.sample_source = hourly.sample_source
