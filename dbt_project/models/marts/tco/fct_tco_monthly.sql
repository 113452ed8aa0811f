{#- Everything that running language models costs, each thing once: what bills charge, usage that no bill covers and
    its adjustments, GPU time that nothing else carries, own costs, and by effective cost what is paid ahead. A month
    sums to what allocation shares out of it, exactly. -#}
with
    monthly as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            spend_item_type,
            cost_kind,
            category,
            provider_id,
            item_name,
            cost_behavior,
            cost_behavior as cost_component,
            cast(count(distinct usage_date) as bigint) as day_count,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from {{ ref("int_provider_costs_daily") }}
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    providers as (
        select
            *,
            spend_item_type
            || ':'
            || case
                when provider_id is null or provider_id = item_name then item_name else provider_id || ':' || item_name
            end as item_id
        from monthly
        where spend_item_type <> 'prepaid_balance' or cost_usd <> 0
    ),

    items as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            item_id,
            category,
            cost_component,
            max(item_name) as item_name,
            max(cost_behavior) as cost_behavior,
            max(role_type) as role_type,
            max(provider_name) as provider_name,
            max(vendor_name) as vendor_name,
            {{ only_value("quantity") }} as quantity,
            max(unit) as unit,
            max(tags) as tags,
            max(notes) as notes,
            case when count(*) = count(ends_before_date) then max(ends_before_date) end as ends_before_date,
            cast(count(*) as bigint) as day_count,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(count(*) - count(cost_usd) as bigint) as unknown_cost_item_count
        from {{ ref("int_tco_costs_daily") }}
        group by 1, 2, 3, 4
    ),

    everything as (
        select
            month_start_date,
            spend_item_type,
            cost_kind,
            category,
            provider_id,
            item_id,
            item_name,
            cost_behavior,
            cost_component,
            cast(null as string) as role_type,
            cast(null as string) as vendor_name,
            cast(null as decimal(38, 12)) as quantity,
            cast(null as string) as unit,
            cast(null as string) as tags,
            cast(null as string) as notes,
            cast(null as date) as ends_before_date,
            day_count,
            cost_usd,
            unknown_cost_item_count
        from providers
        union all
        select
            month_start_date,
            'tco',
            {{ own_cost_kind("category") }},
            category,
            provider_name,
            item_id,
            item_name,
            cost_behavior,
            cost_component,
            role_type,
            vendor_name,
            quantity,
            unit,
            tags,
            notes,
            ends_before_date,
            day_count,
            cost_usd,
            unknown_cost_item_count
        from items
    )

select
    {{
        surrogate_key(
            [
                "month_start_date",
                "spend_item_type",
                "cost_kind",
                "category",
                "provider_id",
                "item_id",
                "cost_component",
            ]
        )
    }} as tco_monthly_key,
    month_start_date,
    {{ cost_group("cost_kind", "category") }} as cost_group,
    category,
    cost_kind,
    spend_item_type,
    provider_id,
    item_id,
    item_name,
    cost_behavior,
    cost_component,
    vendor_name,
    role_type,
    quantity,
    unit,
    tags,
    notes,
    ends_before_date,
    day_count,
    cost_usd,
    unknown_cost_item_count
from everything
