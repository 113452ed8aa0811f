{#- Each hour of a GPU, split by who used it: used, allocated but idle, unallocated, without telemetry. The four sum to
    3,600 seconds, and the cost of the hour is split by the same running sums, so that nothing is lost to rounding. What
    ran without a pod or workload on a node is given to the pods that allocation files put there at the time. -#}
with
    hours as (
        select
            hours.*,
            bills.billed_cost_usd as machine_bill_usd,
            count(*) over (partition by hours.host, hours.usage_date) as gpu_hours_of_bill,
            row_number() over (
                partition by hours.host, hours.usage_date order by hours.usage_hour_utc, hours.gpu_id
            ) as gpu_hour_number,
            count(*) over (partition by hours.host, hours.usage_hour_utc) as gpus_of_host
        from {{ ref("int_gpu_hours") }} as hours
        left join
            {{ ref("int_gpu_bills_daily") }} as bills on bills.host = hours.host and bills.usage_date = hours.usage_date
    ),

    costed as (
        select
            *,
            case
                when machine_bill_usd is not null
                then
                    case when machine_bill_usd < 0 then -1 else 1 end
                    * {{ equal_part("abs(machine_bill_usd)", "gpu_hours_of_bill", "gpu_hour_number") }}
                else rate_cost_usd
            end as hour_cost_usd,
            case when machine_bill_usd is not null then 'bill' else rate_method end as cost_method
        from hours
    ),

    allocations as (
        select
            costed.usage_hour_utc,
            costed.host,
            costed.gpu_id,
            allocations.workload,
            allocations.namespace,
            -- The part of the hour and GPU that the pod held, in microseconds × parts.
            sum(
                cast(
                    round(
                        {{
                            microseconds_between(
                                "greatest(costed.usage_hour_utc, allocations.allocated_from_utc)",
                                "least(costed.usage_hour_utc + interval '1' hour, allocations.allocated_to_utc)",
                            )
                        }}
                        * {{ whole_gpu_parts() }}
                        * {{
                            ratio(
                                "allocations.gpu_fraction",
                                "case when allocations.gpu_id is null then costed.gpus_of_host else 1 end",
                                6,
                            )
                        }},
                        0
                    ) as {{ whole_type() }}
                )
            ) as allocated_parts
        from costed
        inner join
            {{ ref("stg_gpu__gpu_allocations") }} as allocations
            on allocations.node = costed.host
            and (allocations.gpu_id is null or allocations.gpu_id = costed.gpu_id)
            and allocations.allocated_from_utc < costed.usage_hour_utc + interval '1' hour
            and allocations.allocated_to_utc > costed.usage_hour_utc
        group by 1, 2, 3, 4, 5
    ),

    -- Held by somebody in all, at most the whole hour.
    held as (
        select
            *,
            sum(allocated_parts) over (partition by usage_hour_utc, host, gpu_id) as all_allocated_parts,
            greatest(
                sum(allocated_parts) over (partition by usage_hour_utc, host, gpu_id),
                {{ whole_quotient(whole_gpu_hour(), 1000000) }}
            ) as held_whole,
            sum(allocated_parts) over (
                partition by usage_hour_utc, host, gpu_id
                order by workload, namespace
                rows between unbounded preceding and current row
            ) as allocated_until
        from allocations
        where allocated_parts > 0
    ),

    measured as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            workload,
            namespace,
            split_method,
            busy_parts,
            (measured_parts - unknown_parts) * 1000000 - busy_parts as idle_parts,
            unknown_parts * 1000000 as unknown_parts
        from {{ ref("int_gpu_measured_hours") }}
    ),

    -- What nobody named used or held is taken over by the pods of an allocation file: use in proportion to what each
    -- held, of idle time what was held and not used.
    holding as (
        select
            held.*,
            measured.busy_parts,
            greatest(
                0,
                least(
                    measured.idle_parts,
                    {{
                        whole_quotient(
                            "(measured.busy_parts + measured.idle_parts) * held.all_allocated_parts",
                            "held.held_whole",
                        )
                    }} - measured.busy_parts
                )
            ) as held_idle_parts
        from measured
        inner join
            held
            on held.usage_hour_utc = measured.usage_hour_utc
            and held.host = measured.host
            and held.gpu_id = measured.gpu_id
        where measured.workload is null and measured.namespace is null
    ),

    taken as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            workload,
            namespace,
            'allocation_file' as split_method,
            {%- for part in ["busy_parts", "held_idle_parts"] %}
                {{ whole_quotient(part ~ " * allocated_until", "all_allocated_parts") }}
                - {{ whole_quotient(part ~ " * (allocated_until - allocated_parts)", "all_allocated_parts") }}
                as {{ part }},
            {%- endfor %}
            cast(0 as {{ whole_type() }}) as unknown_parts
        from holding
    ),

    rests as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            cast(null as string) as workload,
            cast(null as string) as namespace,
            cast(null as string) as split_method,
            - sum(busy_parts) as busy_parts,
            - sum(held_idle_parts) as idle_parts,
            cast(0 as {{ whole_type() }}) as unknown_parts
        from taken
        group by 1, 2, 3
        union all
        select usage_hour_utc, host, gpu_id, null, null, null, 0, 0, 0
        from costed
    ),

    shared as (
        select
            usage_hour_utc,
            host,
            gpu_id,
            workload,
            namespace,
            max(split_method) as split_method,
            cast(sum(busy_parts) as {{ whole_type() }}) as busy_parts,
            cast(sum(idle_parts) as {{ whole_type() }}) as idle_parts,
            cast(sum(unknown_parts) as {{ whole_type() }}) as unknown_parts
        from
            (
                select *
                from measured
                union all
                select *
                from taken
                union all
                select *
                from rests
            ) as parts
        group by 1, 2, 3, 4, 5
    ),

    filled as (
        select
            *,
            greatest(
                sum(busy_parts + idle_parts + unknown_parts) over (partition by usage_hour_utc, host, gpu_id),
                {{ whole_gpu_hour() }}
            ) as whole_parts,
            sum(busy_parts + idle_parts + unknown_parts) over (partition by usage_hour_utc, host, gpu_id) as told_parts,
            workload is null and namespace is null as is_nobodys
        from shared
    ),

    completed as (
        select
            *,
            busy_parts as used_parts,
            case when is_nobodys then 0 else idle_parts end as allocated_idle_parts,
            case when is_nobodys then idle_parts else 0 end as unallocated_parts,
            unknown_parts + case when is_nobodys then whole_parts - told_parts else 0 end as silent_parts
        from filled
    ),

    summed as (
        select
            *,
            sum(used_parts + allocated_idle_parts + unallocated_parts + silent_parts) over (
                partition by usage_hour_utc, host, gpu_id
                order by case when is_nobodys then 1 else 0 end, workload, namespace
                rows between unbounded preceding and current row
            ) as until_4
        from completed
    ),

    stretched as (
        select
            *,
            until_4 - silent_parts as until_3,
            until_4 - silent_parts - unallocated_parts as until_2,
            until_4 - silent_parts - unallocated_parts - allocated_idle_parts as until_1,
            until_4 - silent_parts - unallocated_parts - allocated_idle_parts - used_parts as until_0
        from summed
        where used_parts + allocated_idle_parts + unallocated_parts + silent_parts > 0
    ),

    -- What exporters say of the whole GPU stands where samples do not say it.
    gauges as (
        select
            hour_start_utc,
            host,
            gpu_id,
            max(case when metric = 'memory_used_mib' then avg_value end) as avg_memory_used_mib,
            max(case when metric = 'memory_used_mib' then max_value end) as max_memory_used_mib,
            max(case when metric = 'power_watts' then avg_value end) as avg_power_watts,
            max(case when metric = 'energy_joules' then increase end) as energy_joules
        from {{ ref("stg_prometheus__gpu_metrics") }}
        group by 1, 2, 3
    ),

    priced as (
        select
            stretched.*,
            costed.usage_date,
            costed.gpu_name,
            costed.gpu_type,
            costed.team_id,
            costed.purchase_option,
            costed.cost_method,
            costed.gpu_rate_id,
            costed.rate_cost_usd as hour_rate_usd,
            cast(3600 as {{ whole_type() }}) * 1000000000000 as hour_seconds,
            {{ to_units("costed.hour_cost_usd") }} as hour_cost
        from stretched
        inner join
            costed
            on costed.usage_hour_utc = stretched.usage_hour_utc
            and costed.host = stretched.host
            and costed.gpu_id = stretched.gpu_id
    ),

    -- Seconds and cost up to each running sum, each once: it ends one stretch and begins the next.
    cut as (
        select
            *,
            {%- for number in range(5) %}
                {{ cut_of("hour_seconds", "until_" ~ number, "whole_parts") }} as seconds_until_{{ number }},
                {{ cut_of("hour_cost", "until_" ~ number, "whole_parts") }} as cost_until_{{ number }}
                {{- "," if not loop.last }}
            {%- endfor %}
        from priced
    ),

    split as (
        select
            {{ surrogate_key(["cut.usage_hour_utc", "cut.host", "cut.gpu_id", "cut.workload", "cut.namespace"]) }}
            as gpu_usage_key,
            cut.usage_hour_utc,
            cut.usage_date,
            {{ surrogate_key(["cut.host", "cut.gpu_id"]) }} as gpu_key,
            cut.host,
            cut.gpu_id,
            cut.gpu_name,
            cut.gpu_type,
            cut.workload,
            cut.namespace,
            cut.team_id,
            cut.purchase_option,
            coalesce(cut.split_method, case when cut.is_nobodys then 'nobody' else 'workload' end) as split_method,
            cut.cost_method,
            {% for name in ["used", "allocated_idle", "unallocated", "no_telemetry"] -%}
                {%- set stretch = "_until_" ~ loop.index ~ " - cut." -%}
                {%- set start = "_until_" ~ loop.index0 -%}
                {{ from_units("cut.seconds" ~ stretch ~ "seconds" ~ start) }} as {{ name }}_seconds,
                {{ from_units("cut.cost" ~ stretch ~ "cost" ~ start) }} as {{ name }}_cost_usd,
            {% endfor -%}
            {{ from_units("cut.cost_until_4 - cut.cost_until_0") }} as gpu_cost_usd,
            {{ stretch_of("cut.hour_rate_usd", "cut.until_0", "cut.until_4", "cut.whole_parts") }} as rate_cost_usd,
            cut.hour_rate_usd as gpu_rate_usd_per_hour,
            cut.gpu_rate_id,
            {{ ratio("measured.busy_parts", "(measured.measured_parts - measured.unknown_parts) * 10000") }}
            as avg_gpu_utilization_pct,
            coalesce(measured.avg_memory_used_mib, gauges.avg_memory_used_mib) as avg_memory_used_mib,
            coalesce(measured.max_memory_used_mib, gauges.max_memory_used_mib) as max_memory_used_mib,
            coalesce(measured.avg_power_watts, gauges.avg_power_watts) as avg_power_watts,
            coalesce(
                measured.energy_kwh,
                {{
                    ratio(
                        "gauges.energy_joules * (cut.until_4 - cut.until_0)",
                        "cut.whole_parts * 3600000.0",
                        12,
                    )
                }}
            ) as energy_kwh,
            coalesce(measured.sample_count, 0) as sample_count
        from cut
        left join
            gauges
            on gauges.hour_start_utc = cut.usage_hour_utc
            and gauges.host = cut.host
            and gauges.gpu_id = cut.gpu_id
        left join
            {{ ref("int_gpu_measured_hours") }} as measured
            on measured.usage_hour_utc = cut.usage_hour_utc
            and measured.host = cut.host
            and measured.gpu_id = cut.gpu_id
            and measured.workload is not distinct from cut.workload
            and measured.namespace is not distinct from cut.namespace
    )

select
    *,
    allocated_idle_seconds + unallocated_seconds as idle_seconds,
    allocated_idle_cost_usd + unallocated_cost_usd as idle_cost_usd
from split
