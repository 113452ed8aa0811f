{#- Infrastructure by section, whoever carries it: bills, GPU time that nothing bills, own costs for machines. -#}
with
    charges as (
        select
            month_start_date,
            {{ infrastructure_section("category") }} as section,
            service_name as item_name,
            cost_usd,
            unknown_cost_item_count,
            resource_count,
            committed_cost_usd,
            effective_cost_usd,
            storage_gb_months
        from {{ ref("int_charge_costs_monthly") }}
        where cost_kind = 'infrastructure'
    ),

    hosts as (
        select {{ month_of("usage_date") }} as month_start_date, cast(count(distinct host) as bigint) as host_count
        from {{ ref("int_gpu_costs_daily") }}
        where cost_basis = 'rated'
        group by 1
    ),

    others as (
        select
            month_start_date,
            {{ infrastructure_section("category") }} as section,
            item_name,
            cost_usd,
            unknown_cost_item_count,
            cast(null as bigint) as resource_count,
            cast(null as decimal(38, 12)) as committed_cost_usd,
            cost_usd as effective_cost_usd,
            case
                when category = 'data_storage' and lower(unit) in ('gb', 'gb-month', 'gb-months', 'gib') then quantity
            end as storage_gb_months
        from {{ ref("fct_tco_monthly") }}
        where cost_group = 'infrastructure' and spend_item_type <> 'charge'
        union all
        select month_start_date, 'compute', null, null, 0, host_count, null, null, null
        from hosts
    ),

    everything as (
        select *
        from charges
        union all
        select *
        from others
    ),

    sections as (
        select
            month_start_date,
            section,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count,
            cast(case when section = 'compute' then coalesce(sum(resource_count), 0) end as bigint) as instance_count,
            {{ money_sum("committed_cost_usd") }} as committed_cost_usd,
            {{ money_sum("effective_cost_usd") }} as effective_cost_usd,
            cast(sum(storage_gb_months) as decimal(38, 12)) as storage_gb_months
        from everything
        group by 1, 2
    ),

    names as (
        select month_start_date, section, replace({{ sorted_text("item_name") }}, '|', ', ') as item_names
        from (select distinct month_start_date, section, item_name from everything where item_name is not null) as named
        group by 1, 2
    )

select
    {{ surrogate_key(["sections.month_start_date", "sections.section"]) }} as infrastructure_key,
    sections.month_start_date,
    sections.section,
    cost_usd,
    {{ percent("cost_usd", "sum(cost_usd) over (partition by sections.month_start_date)") }} as cost_pct,
    instance_count,
    committed_cost_usd,
    effective_cost_usd,
    case
        when sections.section = 'compute' then {{ percent("coalesce(committed_cost_usd, 0)", "effective_cost_usd") }}
    end as reserved_share_pct,
    cast(storage_gb_months * cast(0.001 as decimal(3, 3)) as decimal(38, 12)) as storage_tb,
    names.item_names,
    sections.unknown_cost_item_count
from sections
left join names on names.month_start_date = sections.month_start_date and names.section = sections.section
