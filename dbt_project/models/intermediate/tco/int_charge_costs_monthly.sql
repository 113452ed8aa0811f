{#- Charges by month, service and category of total cost of ownership, with what infrastructure reports ask of them:
    how many machines, how much of it was committed, how many GB-months. By the cost that owners carry. -#}
with
    gpu_types as (
        select distinct provider as cloud, sku as instance_type
        from {{ ref("int_infrastructure_rates") }}
        where resource_type = 'instance_hour' and gpu_type is not null
    ),

    charges as (
        select
            *,
            {{ month_of("charge_date") }} as month_start_date,
            concat_ws(' ', service_name, charge_description, sku_id, sku_meter) as charge_text
        from {{ ref("int_charges_to_allocate") }}
        where charge_date is not null
    ),

    gpu_texts as (
        select distinct charges.provider_id, charges.charge_text
        from charges
        inner join
            gpu_types
            on gpu_types.cloud = charges.provider_id
            and position(gpu_types.instance_type in lower(charges.charge_text)) > 0
        where charges.cost_kind = 'infrastructure'
    ),

    placed as (
        select
            charges.*,
            {{
                charge_category_of_tco(
                    "charges.cost_kind",
                    "charges.service_category",
                    "charges.charge_text",
                    "gpu_texts.charge_text is not null",
                )
            }} as category,
            charges.commitment_discount_id is not null
            or coalesce(lower(charges.pricing_category), '') = 'committed' as is_committed,
            coalesce(
                case when charges.billing_currency = 'USD' then charges.effective_cost end, charges.spend_usd
            ) as effective_usd
        from charges
        left join
            gpu_texts on gpu_texts.provider_id = charges.provider_id and gpu_texts.charge_text = charges.charge_text
    )

select
    month_start_date,
    provider_id,
    service_name,
    category,
    cost_kind,
    case when charge_category = 'Purchase' then 'fixed' else 'variable' end as cost_behavior,
    cast(count(distinct charge_date) as bigint) as day_count,
    {{ money_sum("spend_usd") }} as cost_usd,
    cast(count(*) - count(spend_usd) as bigint) as unknown_cost_item_count,
    cast(count(distinct case when charge_category = 'Usage' then resource_id end) as bigint) as resource_count,
    {{ money_sum("case when is_committed then effective_usd end") }} as committed_cost_usd,
    {{ money_sum("effective_usd") }} as effective_cost_usd,
    cast(
        sum(
            case
                when
                    category = 'data_storage'
                    and translate(lower(coalesce(consumed_unit, pricing_unit)), '-_/ ', '    ')
                    in ('gb mo', 'gb month', 'gb months', 'gbmonth', 'gib month', 'gib months', 'gibibyte month')
                then coalesce(consumed_quantity, pricing_quantity)
            end
        ) as decimal(38, 12)
    ) as storage_gb_months
from placed
group by 1, 2, 3, 4, 5, 6
