{#- What commitments were asked for, by hour and team, in their units: tokens by what a unit serves in an hour, GPUs
    that ran, dollars of a savings plan as the bill says. Hours without demand have no row; what a commitment holds
    is the same every hour (rpt_commitments_monthly). -#}
with
    commitments as (
        select commitments.*, coalesce(aliases.provider_id, lower(commitments.provider_name)) as provider_id
        from {{ ref("stg_org__commitments") }} as commitments {{ join_provider("lower(commitments.provider_name)") }}
    ),

    tokens as (
        select
            commitments.commitment_id,
            usage.usage_hour_utc,
            usage.usage_date,
            usage.team_id,
            {{
                ratio(
                    "sum(usage.quantity)",
                    "max(commitments.tokens_per_minute) * 60",
                    9,
                )
            }} as demand_units,
            {{ money_sum("usage.contracted_cost_usd") }} as pay_as_you_go_cost_usd
        from commitments
        inner join
            {{ ref("fct_llm_usage_hourly") }} as usage
            on usage.provider_id = commitments.provider_id
            and (commitments.model is null or usage.model_id = lower(commitments.model))
            and {{ valid_on("commitments", "usage.usage_date") }}
        where commitments.tokens_per_minute is not null and usage.is_token
        group by 1, 2, 3, 4
    ),

    gpus as (
        select
            commitments.commitment_id,
            usage.usage_hour_utc,
            usage.usage_date,
            usage.team_id,
            cast(count(distinct usage.host || ' ' || usage.gpu_id) as decimal(38, 12)) as demand_units,
            cast(null as decimal(38, 12)) as pay_as_you_go_cost_usd
        from commitments
        inner join
            {{ ref("int_gpu_usage_hourly") }} as usage
            on (commitments.host is null or usage.host = commitments.host)
            and (
                commitments.gpu_name is null
                or lower(usage.gpu_name) like lower(commitments.gpu_name)
                or lower(usage.gpu_type) = lower(commitments.gpu_name)
            )
            and {{ valid_on("commitments", "usage.usage_date") }}
        where commitments.commitment_type = 'reservation' and usage.used_seconds + usage.idle_seconds > 0
        group by 1, 2, 3, 4
    ),

    -- A bill tells a day of a savings plan, not its hours: the day's dollars are spread evenly over them.
    plan_days as (
        select
            commitments.commitment_id,
            charges.charge_date as usage_date,
            cast(sum(coalesce(charges.effective_cost, 0)) as decimal(38, 12)) as used_usd
        from commitments
        inner join
            {{ ref("int_charges") }} as charges
            on charges.commitment_discount_id = commitments.commitment_id
            and {{ valid_on("commitments", "charges.charge_date") }}
        where
            commitments.commitment_type = 'aws_savings_plan'
            and lower(coalesce(charges.commitment_discount_status, 'used')) = 'used'
            and charges.billing_currency = 'USD'
            and charges.charge_category = 'Usage'
        group by 1, 2
    ),

    plans as (
        select
            plan_days.commitment_id,
            cast(plan_days.usage_date as timestamp) + hours.hour * interval '1' hour as usage_hour_utc,
            plan_days.usage_date,
            cast(null as string) as team_id,
            {{ equal_part("plan_days.used_usd", "24", "hours.hour + 1") }} as demand_units,
            cast(null as decimal(38, 12)) as pay_as_you_go_cost_usd
        from plan_days
        cross join (select {{ one_row_each(whole_numbers(0, 23)) }} as hour) as hours
        where plan_days.used_usd > 0
    ),

    demands as (
        select *
        from tokens
        where demand_units > 0
        union all
        select *
        from gpus
        union all
        select *
        from plans
    )

select
    {{ surrogate_key(["demands.commitment_id", "demands.usage_hour_utc", "demands.team_id"]) }} as commitment_usage_key,
    demands.commitment_id,
    demands.usage_hour_utc,
    demands.usage_date,
    demands.team_id,
    demands.demand_units,
    demands.pay_as_you_go_cost_usd,
    commitments.quantity as capacity_units,
    cast(sum(demands.demand_units) over hour_of_all as decimal(38, 12)) as hour_demand_units,
    cast(
        greatest((sum(demands.demand_units) over hour_of_all) - commitments.quantity, 0) as decimal(38, 12)
    ) as hour_spill_over_units
from demands
inner join
    commitments
    on commitments.commitment_id = demands.commitment_id
    and {{ valid_on("commitments", "demands.usage_date") }}
window hour_of_all as (partition by demands.commitment_id, demands.usage_hour_utc)
