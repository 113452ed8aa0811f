{#- What bills charge for a machine with GPUs, by day: charges whose resource is the machine, its instance id or a
    volume that the inventory attaches to it, by its whole name or the last part of a longer one. A charge over several
    days counts in equal parts on each. -#}
with
    machines as (
        select distinct usage_date, host, lower(host) as resource_id
        from {{ ref("int_gpu_hours") }}
        where host <> ''
        union
        select distinct usage_date, host, lower(instance_id)
        from {{ ref("int_gpu_hours") }}
        where instance_id is not null
        union
        select distinct hours.usage_date, hours.host, lower(trim(attached.member))
        from {{ ref("int_gpu_hours") }} as hours
        inner join
            (
                {{
                    split_text(
                        "(select distinct attached_resources from " ~ ref("int_gpu_hours") ~ ")",
                        "attached_resources",
                        ";",
                    )
                }}
            ) as attached
            on attached.attached_resources = hours.attached_resources
    ),

    charges as (
        select
            charge_key,
            charge_date,
            {{ last_day_of_charge("charge_date", "charge_period_end_utc") }} as charge_last_date,
            lower(resource_id) as resource_id,
            reverse(split_part(reverse(lower(resource_id)), '/', 1)) as resource_name,
            billed_cost_usd
        from {{ ref("int_charges") }}
        where
            charge_category = 'Usage'
            and cost_kind = 'infrastructure'
            and billed_cost_usd is not null
            and charge_date is not null
            and resource_id is not null
    ),

    matched as (
        select distinct charges.*, machines.usage_date, machines.host
        from charges
        inner join
            machines
            on machines.resource_id = charges.resource_name
            and machines.usage_date between charges.charge_date and charges.charge_last_date
        union
        select distinct charges.*, machines.usage_date, machines.host
        from charges
        inner join
            machines
            on machines.resource_id = charges.resource_id
            and machines.usage_date between charges.charge_date and charges.charge_last_date
    ),

    daily as (
        select host, usage_date, charge_date, charge_last_date, {{ money_sum("billed_cost_usd") }} as billed_cost_usd
        from matched
        group by 1, 2, 3, 4
    ),

    parts as (
        select
            host,
            usage_date,
            billed_cost_usd,
            {{ days_between("charge_date", "charge_last_date") }} + 1 as day_count,
            {{ days_between("charge_date", "usage_date") }} + 1 as day_number
        from daily
    )

select
    host,
    usage_date,
    {{
        money_sum(
            "case when billed_cost_usd < 0 then -1 else 1 end * "
            ~ equal_part("abs(billed_cost_usd)", "day_count", "day_number")
        )
    }} as billed_cost_usd
from parts
group by 1, 2
