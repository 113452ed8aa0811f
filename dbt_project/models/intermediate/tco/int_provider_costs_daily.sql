{#- What providers charge and what runs without a bill, by day and item, each thing once: charges, usage that no bill
    covers and its adjustments, GPU time that nothing else carries, and what is paid ahead of its use. -#}
with
    charges as (
        select
            charge_date as usage_date,
            'charge' as spend_item_type,
            cost_kind,
            category,
            provider_id,
            coalesce(service_name, provider_id, 'charges') as item_name,
            case when charge_category = 'Purchase' then 'fixed' else 'variable' end as cost_behavior,
            {{ money_sum("spend_usd") }} as cost_usd,
            cast(count(*) - count(spend_usd) as bigint) as unknown_cost_item_count
        from {{ ref("int_charges_by_category") }}
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    usage as (
        select
            daily.usage_date,
            'usage' as spend_item_type,
            'llm' as cost_kind,
            'llm_api' as category,
            daily.provider_id,
            'usage that no bill covers' as item_name,
            'variable' as cost_behavior,
            {{ money_sum("daily.spend_usd") }} as cost_usd,
            cast(sum(daily.unknown_spend_row_count) as bigint) as unknown_cost_item_count
        from {{ ref("int_llm_usage_daily") }} as daily {{ join_bill_coverage("daily") }}
        where coverage.usage_date is null
        group by 1, 5
    ),

    adjustments as (
        select
            adjusted.usage_date,
            'adjustment' as spend_item_type,
            'llm' as cost_kind,
            'llm_api' as category,
            adjusted.provider_id,
            'repricing of past usage' as item_name,
            'variable' as cost_behavior,
            {{ money_sum("adjusted.contracted_difference_usd") }} as cost_usd,
            cast(0 as bigint) as unknown_cost_item_count
        from {{ ref("stg_adjustments__price_adjustments") }} as adjusted {{ join_bill_coverage("adjusted") }}
        where coverage.usage_date is null
        group by 1, 5
    ),

    gpus as (
        select
            usage_date,
            'gpu' as spend_item_type,
            'infrastructure' as cost_kind,
            'gpu_compute' as category,
            cast(null as string) as provider_id,
            coalesce(gpu_name, 'GPU') as item_name,
            'variable' as cost_behavior,
            {{ money_sum("cost_usd") }} as cost_usd,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from {{ ref("int_gpu_costs_daily") }}
        group by 1, 6
    ),

    balances as (
        select
            charge_date as usage_date,
            'prepaid_balance' as spend_item_type,
            cost_kind,
            case when cost_kind = 'llm' then 'llm_api' else 'other' end as category,
            provider_id,
            'prepaid, not yet consumed' as item_name,
            'fixed' as cost_behavior,
            cast(sum(billed_cost_usd) - sum(spend_usd) as decimal(38, 12)) as cost_usd,
            cast(0 as bigint) as unknown_cost_item_count
        from {{ ref("int_charges_to_allocate") }}
        where charge_date is not null
        group by 1, 3, 4, 5
        having sum(billed_cost_usd) <> sum(spend_usd)
    )

{% for name in ["charges", "usage", "adjustments", "gpus", "balances"] -%}
    select * from {{ name }} {{ "union all" if not loop.last }}
{% endfor %}
