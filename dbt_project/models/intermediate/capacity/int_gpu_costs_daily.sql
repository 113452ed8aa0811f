{#- What GPUs cost by day, host and who used them, once. Telemetry × rate counts where nothing else carries the GPU: a
    bill that names the machine or the type of instance that has such GPUs counts instead, and so does an item of own
    costs for GPUs on its days. There telemetry keeps its cost as list cost and spends 0. What nobody used or held stays
    a row of its own, or is shared among those who used the machine that day, evenly or by weight of their use (variable
    gpu_idle_sharing: shown, even, weight). -#}
with
    used as (
        select
            usage.usage_date,
            usage.host,
            usage.workload,
            usage.namespace,
            usage.team_id,
            usage.gpu_name,
            usage.workload is not null or usage.namespace is not null as is_somebodys,
            {{ money_sum("usage.rate_cost_usd") }} as telemetry_cost_usd,
            cast(sum(usage.used_seconds) as decimal(38, 12)) as used_seconds,
            cast(count(*) as bigint) as gpu_hour_count,
            cast(count(*) - count(usage.rate_cost_usd) as bigint) as unrated_gpu_hour_count
        from {{ ref("int_gpu_usage_hourly") }} as usage
        group by 1, 2, 3, 4, 5, 6
    ),

    weighed as (
        select
            *,
            {% if var("gpu_idle_sharing") == "shown" -%} cast(0 as {{ whole_type() }})
            {%- elif var("gpu_idle_sharing") == "even" -%}
                cast(case when is_somebodys then 1 else 0 end as {{ whole_type() }})
            {%- else -%} cast(case when is_somebodys then used_seconds * 1000000 else 0 end as {{ whole_type() }})
            {%- endif %} as share_weight,
            sum(case when not is_somebodys then telemetry_cost_usd end) over (
                partition by usage_date, host, gpu_name
            ) as nobodys_cost_usd
        from used
    ),

    running as (
        select
            *,
            sum(share_weight) over (partition by usage_date, host, gpu_name) as whole_weight,
            sum(share_weight) over (
                partition by usage_date, host, gpu_name
                order by workload, namespace, team_id
                rows between unbounded preceding and current row
            ) as until_weight
        from weighed
    ),

    hosts as (
        select
            usage_date,
            host,
            workload,
            namespace,
            team_id,
            gpu_name,
            case
                when whole_weight = 0 or nobodys_cost_usd is null
                then telemetry_cost_usd
                when is_somebodys
                then
                    telemetry_cost_usd
                    + {{
                        stretch_of(
                            "nobodys_cost_usd", "(until_weight - share_weight)", "until_weight", "whole_weight"
                        )
                    }}
                else cast(0 as decimal(38, 12))
            end as telemetry_cost_usd,
            gpu_hour_count,
            unrated_gpu_hour_count
        from running
    ),

    charges as (
        select distinct
            provider_id,
            charge_date,
            {{ last_day_of_charge("charge_date", "charge_period_end_utc") }} as charge_last_date,
            lower(concat_ws(' ', service_name, charge_description, sku_id, sku_meter)) as charge_text
        from {{ ref("int_charges") }}
        where
            charge_category = 'Usage'
            and cost_kind = 'infrastructure'
            and billed_cost_usd is not null
            and charge_date is not null
    ),

    instance_types as (
        select distinct rates.provider, lower(types.gpu_name_pattern) as gpu_name_pattern, rates.sku as instance_type
        from {{ ref("int_infrastructure_rates") }} as rates
        inner join {{ ref("gpu_types") }} as types on types.gpu_type = rates.gpu_type
        where rates.resource_type = 'instance_hour'
    ),

    billed as (
        select distinct hosts.usage_date, hosts.host, hosts.gpu_name
        from hosts
        inner join
            {{ ref("int_gpu_bills_daily") }} as bills on bills.host = hosts.host and bills.usage_date = hosts.usage_date
        union
        select distinct hosts.usage_date, hosts.host, hosts.gpu_name
        from hosts
        inner join instance_types on lower(hosts.gpu_name) like instance_types.gpu_name_pattern
        inner join
            charges
            on charges.provider_id = instance_types.provider
            and hosts.usage_date between charges.charge_date and charges.charge_last_date
            and position(instance_types.instance_type in charges.charge_text) > 0
    ),

    -- An item for GPUs stands where its cost of the day can be known: its amount, or its rate where there is any usage.
    declared as (
        select distinct usage_date
        from {{ ref("int_tco_item_days") }}
        where
            (category = 'gpu_compute' or (category = 'infrastructure' and lower(item_name) like '%gpu%'))
            and (
                (standing_cost is not null and usd_per_unit is not null)
                or (
                    rate is not null
                    and has_driver
                    and driver is not null
                    and (rate_currency = 'USD' or usd_per_unit is not null)
                )
            )
    ),

    placed as (
        select
            hosts.*,
            case
                when billed.host is not null
                then 'billed'
                when declared.usage_date is not null
                then 'declared'
                else 'rated'
            end as cost_basis
        from hosts
        left join
            billed
            on billed.usage_date = hosts.usage_date
            and billed.host = hosts.host
            and coalesce(billed.gpu_name, '') = coalesce(hosts.gpu_name, '')
        left join declared on declared.usage_date = hosts.usage_date
    )

select
    *,
    case when cost_basis = 'rated' then telemetry_cost_usd else cast(0 as decimal(38, 12)) end as cost_usd,
    case when cost_basis = 'rated' then unrated_gpu_hour_count else cast(0 as bigint) end as unknown_cost_item_count
from placed
