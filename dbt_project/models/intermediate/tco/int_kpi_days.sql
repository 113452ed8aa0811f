{#- What key figures are made of, by day: cost by kind, requests, tokens, GPU-hours, actions. Cost of language
    models and of infrastructure is what it takes to serve; overhead is told apart. Actions of a month are shared
    evenly over its days. -#}
with
    costs as (
        select
            usage_date,
            {{ money_sum("case when cost_kind <> 'own' then spend_usd end") }} as serving_cost_usd,
            {{ money_sum("case when cost_kind = 'infrastructure' then spend_usd end") }} as infrastructure_cost_usd
        from
            (
                select charge_date as usage_date, cost_kind, spend_usd
                from {{ ref("int_charges_to_allocate") }}
                where charge_date is not null
                union all
                select daily.usage_date, 'llm', daily.spend_usd
                from {{ ref("int_llm_usage_daily") }} as daily {{ join_bill_coverage("daily") }}
                where coverage.usage_date is null
                union all
                select usage_date, 'infrastructure', cost_usd
                from {{ ref("int_gpu_costs_daily") }}
                union all
                select usage_date, {{ own_cost_kind("category") }}, cost_usd
                from {{ ref("int_tco_costs_daily") }}
            ) as spent
        group by 1
    ),

    overhead as (
        select usage_date, {{ money_sum("cost_usd") }} as overhead_cost_usd
        from {{ ref("int_tco_costs_daily") }}
        where {{ cost_group(own_cost_kind("category"), "category") }} = 'overhead'
        group by 1
    ),

    usage as (
        select
            usage_date,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(input_tokens + output_tokens) as bigint) as total_tokens
        from {{ ref("int_llm_usage_daily") }}
        group by 1
    ),

    gpus as (
        select
            usage_date,
            cast(sum(used_seconds) as decimal(38, 12)) as gpu_used_seconds,
            cast(sum(used_seconds + idle_seconds) as decimal(38, 12)) as gpu_known_seconds,
            cast(sum(used_seconds + idle_seconds + no_telemetry_seconds) as decimal(38, 12)) as gpu_paid_seconds
        from {{ ref("int_gpu_usage_hourly") }}
        group by 1
    ),

    actions as (
        select
            dates.date_day as usage_date,
            cast(
                sum(
                    {{
                        ratio(
                            "metrics.value",
                            days_between(
                                "cast(metrics.valid_from_utc as date)", "cast(metrics.valid_to_utc as date)"
                            ),
                        )
                    }}
                ) as decimal(38, 12)
            ) as action_count
        from {{ ref("stg_org__business_metrics") }} as metrics
        inner join
            {{ ref("int_dates") }} as dates
            on dates.date_day >= cast(metrics.valid_from_utc as date)
            and dates.date_day < cast(metrics.valid_to_utc as date)
        where metrics.metric = 'user_actions' and metrics.subject_id is null
        group by 1
    ),

    -- A user counts on each of the 30 days from a day of use on; the next day of use begins anew.
    user_days as (select distinct user_id, usage_date from {{ ref("int_llm_usage_daily") }} where user_id is not null),

    stays as (
        select
            usage_date as first_date,
            least(
                cast({{ dbt.dateadd("day", 30, "usage_date") }} as date),
                coalesce(
                    lead(usage_date) over (partition by user_id order by usage_date),
                    cast({{ dbt.dateadd("day", 30, "usage_date") }} as date)
                )
            ) as next_date
        from user_days
    ),

    moves as (
        select usage_date, sum(move) as move
        from
            (
                select first_date as usage_date, 1 as move
                from stays
                union all
                select next_date, -1
                from stays
            ) as arrivals
        group by 1
    ),

    days as (
        select
            dates.date_day as usage_date,
            costs.serving_cost_usd,
            costs.infrastructure_cost_usd,
            overhead.overhead_cost_usd,
            usage.request_count,
            usage.total_tokens,
            gpus.gpu_used_seconds,
            gpus.gpu_known_seconds,
            gpus.gpu_paid_seconds,
            actions.action_count,
            cast(sum(coalesce(moves.move, 0)) over (order by dates.date_day) as bigint) as active_user_count
        from {{ ref("int_dates") }} as dates
        left join costs on costs.usage_date = dates.date_day
        left join overhead on overhead.usage_date = dates.date_day
        left join usage on usage.usage_date = dates.date_day
        left join gpus on gpus.usage_date = dates.date_day
        left join actions on actions.usage_date = dates.date_day
        left join moves on moves.usage_date = dates.date_day
    )

select
    *,
    cast(
        sum(serving_cost_usd) over (order by usage_date rows between 29 preceding and current row) as decimal(38, 12)
    ) as serving_cost_30_days_usd
from days
where serving_cost_usd is not null or request_count is not null or gpu_paid_seconds is not null
