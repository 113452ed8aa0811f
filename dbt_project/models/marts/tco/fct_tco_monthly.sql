{#- Everything that running language models costs, each thing once: what bills charge, usage that no bill covers and
    its adjustments, GPU time that nothing else carries, own costs, and by effective cost what is paid ahead. A month
    sums to what allocation shares out of it, exactly. -#}
with
    charges as (
        select
            month_start_date,
            'charge' as spend_item_type,
            cost_kind,
            category,
            provider_id,
            coalesce(service_name, provider_id, 'charges') as item_name,
            cost_behavior,
            cost_behavior as cost_component,
            day_count,
            cost_usd,
            unknown_cost_item_count
        from {{ ref("int_charge_costs_monthly") }}
    ),

    usage as (
        select
            {{ month_of("daily.usage_date") }} as month_start_date,
            'usage' as spend_item_type,
            'llm' as cost_kind,
            'llm_api' as category,
            daily.provider_id,
            'usage that no bill covers' as item_name,
            'variable' as cost_behavior,
            'variable' as cost_component,
            cast(count(distinct daily.usage_date) as bigint) as day_count,
            {{ money_sum("daily.spend_usd") }} as cost_usd,
            cast(sum(daily.unknown_spend_row_count) as bigint) as unknown_cost_item_count
        from {{ ref("int_llm_usage_daily") }} as daily
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = daily.provider_id
            and coverage.account_id = coalesce(daily.account_id, '')
            and coverage.usage_date = daily.usage_date
        where coverage.usage_date is null
        group by 1, 5
    ),

    adjustments as (
        select
            {{ month_of("adjusted.usage_date") }} as month_start_date,
            'adjustment' as spend_item_type,
            'llm' as cost_kind,
            'llm_api' as category,
            adjusted.provider_id,
            'repricing of past usage' as item_name,
            'variable' as cost_behavior,
            'variable' as cost_component,
            cast(count(distinct adjusted.usage_date) as bigint) as day_count,
            {{ money_sum("adjusted.contracted_difference_usd") }} as cost_usd,
            cast(0 as bigint) as unknown_cost_item_count
        from {{ ref("stg_adjustments__price_adjustments") }} as adjusted
        left join
            {{ ref("int_bill_coverage") }} as coverage
            on coverage.provider_id = adjusted.provider_id
            and coverage.account_id = coalesce(adjusted.account_id, '')
            and coverage.usage_date = adjusted.usage_date
        where coverage.usage_date is null
        group by 1, 5
    ),

    gpus as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            'gpu' as spend_item_type,
            'infrastructure' as cost_kind,
            'gpu_compute' as category,
            cast(null as string) as provider_id,
            coalesce(gpu_name, 'GPU') as item_name,
            'variable' as cost_behavior,
            'variable' as cost_component,
            cast(count(distinct usage_date) as bigint) as day_count,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from {{ ref("int_gpu_costs_daily") }}
        group by 1, 6
    ),

    balances as (
        select
            {{ month_of("charge_date") }} as month_start_date,
            'prepaid_balance' as spend_item_type,
            cost_kind,
            case when cost_kind = 'llm' then 'llm_api' else 'other' end as category,
            provider_id,
            'prepaid, not yet consumed' as item_name,
            'fixed' as cost_behavior,
            'fixed' as cost_component,
            cast(count(distinct charge_date) as bigint) as day_count,
            cast(sum(billed_cost_usd) - sum(spend_usd) as decimal(38, 12)) as cost_usd,
            cast(0 as bigint) as unknown_cost_item_count
        from {{ ref("int_charges_to_allocate") }}
        where charge_date is not null
        group by 1, 3, 4, 5
        having sum(billed_cost_usd) <> sum(spend_usd)
    ),

    providers as (
        {%- for name in ["charges", "usage", "adjustments", "gpus", "balances"] %}
            select
                *,
                spend_item_type
                || ':'
                || case
                    when provider_id is null or provider_id = item_name
                    then item_name
                    else provider_id || ':' || item_name
                end as item_id
            from {{ name }} {{ 'union all' if not loop.last }}
        {%- endfor %}
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
