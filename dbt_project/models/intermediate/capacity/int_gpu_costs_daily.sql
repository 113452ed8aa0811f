{#- What GPUs cost by day, host and workload, once. Telemetry × rate counts where nothing else carries the GPU: a bill
    that names the host as its resource or the type of instance that has such GPUs counts instead, and so does an item
    of own costs for GPUs on its days. There telemetry keeps its cost as list cost and spends 0. -#}
with
    hosts as (
        select
            usage.usage_date,
            usage.host,
            usage.workload,
            usage.gpu_name,
            {{ money_sum("usage.used_cost_usd + usage.idle_cost_usd + usage.unattributed_cost_usd") }}
            as telemetry_cost_usd,
            cast(count(*) as bigint) as gpu_hour_count,
            cast(count(*) - count(usage.gpu_rate_usd_per_hour) as bigint) as unrated_gpu_hour_count
        from {{ ref("int_gpu_usage_hourly") }} as usage
        group by 1, 2, 3, 4
    ),

    charges as (
        select distinct
            provider_id,
            charge_date,
            lower(resource_id) as resource_id,
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
            charges
            on hosts.usage_date between charges.charge_date and charges.charge_last_date
            and (
                charges.resource_id = lower(hosts.host)
                or right(charges.resource_id, length(hosts.host) + 1) = '/' || lower(hosts.host)
            )
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
