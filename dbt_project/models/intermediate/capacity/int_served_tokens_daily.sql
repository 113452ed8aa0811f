{#- Tokens that one's own GPUs served, by day, model and what served them, with the cost of that GPU time: of the
    workload where telemetry knows it, else of the whole machine, idle hours of the day included. What served several
    models is split by their tokens, exactly. -#}
with
    served as (
        select
            cast(hour_start_utc as date) as usage_date,
            host,
            namespace,
            workload,
            model_name,
            prompt_tokens,
            generation_tokens,
            request_count,
            prefill_seconds,
            decode_seconds
        from {{ ref("stg_gpu__served_tokens") }}
        union all
        select
            cast(hour_start_utc as date),
            host,
            namespace,
            workload,
            model_name,
            case when metric = 'prompt_tokens' then increase end,
            case when metric = 'generation_tokens' then increase end,
            case when metric = 'requests' then increase end,
            case when metric = 'prefill_seconds' then increase end,
            case when metric = 'decode_seconds' then increase end
        from {{ ref("stg_prometheus__serving_metrics") }}
    ),

    workloads as (
        select
            usage_date,
            workload,
            coalesce(namespace, '') as namespace,
            {{ money_sum("gpu_cost_usd") }} as gpu_cost_usd,
            count(*) - count(gpu_cost_usd) as unknown_cost_count,
            sum(used_seconds) as used_seconds,
            sum(used_seconds + idle_seconds + no_telemetry_seconds) as gpu_seconds
        from {{ ref("int_gpu_usage_hourly") }}
        where workload is not null
        group by 1, 2, 3
    ),

    hosts as (
        select
            usage_date,
            host,
            {{ money_sum("gpu_cost_usd") }} as gpu_cost_usd,
            count(*) - count(gpu_cost_usd) as unknown_cost_count,
            sum(used_seconds) as used_seconds,
            sum(used_seconds + idle_seconds + no_telemetry_seconds) as gpu_seconds
        from {{ ref("int_gpu_usage_hourly") }}
        group by 1, 2
    ),

    daily as (
        select
            served.usage_date,
            served.model_name,
            case when workloads.workload is not null then 'workload' else 'host' end as served_by,
            case when workloads.workload is not null then served.workload else coalesce(served.host, '') end as server,
            case when workloads.workload is not null then workloads.namespace else '' end as namespace,
            cast(coalesce(sum(served.prompt_tokens), 0) as decimal(38, 12)) as prompt_tokens,
            cast(coalesce(sum(served.generation_tokens), 0) as decimal(38, 12)) as generation_tokens,
            cast(sum(served.request_count) as decimal(38, 12)) as request_count,
            cast(sum(served.prefill_seconds) as decimal(38, 12)) as prefill_seconds,
            cast(sum(served.decode_seconds) as decimal(38, 12)) as decode_seconds
        from served
        left join
            workloads
            on workloads.usage_date = served.usage_date
            and workloads.workload = served.workload
            and workloads.namespace = coalesce(served.namespace, workloads.namespace)
        group by 1, 2, 3, 4, 5
    ),

    weighed as (
        select *, cast(round(prompt_tokens + generation_tokens, 0) as {{ whole_type() }}) as token_weight from daily
    ),

    running as (
        select
            *,
            sum(token_weight) over (partition by usage_date, served_by, server, namespace) as all_tokens,
            sum(token_weight) over (
                partition by usage_date, served_by, server, namespace
                order by model_name
                rows between unbounded preceding and current row
            ) as tokens_until
        from weighed
    ),

    costed as (
        select
            running.*,
            case
                when running.served_by = 'workload' then workloads.gpu_cost_usd else hosts.gpu_cost_usd
            end as server_cost_usd,
            coalesce(workloads.unknown_cost_count, hosts.unknown_cost_count, 1) as unknown_cost_count,
            case
                when running.served_by = 'workload' then workloads.used_seconds else hosts.used_seconds
            end as server_used_seconds,
            case
                when running.served_by = 'workload' then workloads.gpu_seconds else hosts.gpu_seconds
            end as server_gpu_seconds
        from running
        left join
            workloads
            on running.served_by = 'workload'
            and workloads.usage_date = running.usage_date
            and workloads.workload = running.server
            and workloads.namespace = running.namespace
        left join
            hosts
            on running.served_by = 'host'
            and hosts.usage_date = running.usage_date
            and hosts.host = running.server
    )

select
    usage_date,
    model_name,
    served_by,
    server,
    nullif(namespace, '') as namespace,
    prompt_tokens,
    generation_tokens,
    request_count,
    prefill_seconds,
    decode_seconds,
    case
        when unknown_cost_count = 0 and all_tokens > 0
        then {{ stretch_of("server_cost_usd", "(tokens_until - token_weight)", "tokens_until", "all_tokens") }}
    end as gpu_cost_usd,
    case
        when all_tokens > 0
        then {{ stretch_of("server_used_seconds", "(tokens_until - token_weight)", "tokens_until", "all_tokens") }}
    end as used_seconds,
    case
        when all_tokens > 0
        then {{ stretch_of("server_gpu_seconds", "(tokens_until - token_weight)", "tokens_until", "all_tokens") }}
    end as gpu_seconds
from costed
where all_tokens > 0
