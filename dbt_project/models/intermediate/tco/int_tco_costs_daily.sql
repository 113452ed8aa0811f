{#- Own costs by day: what stands, and what moves with usage and spend: rate × the requests, tokens or spend of the
    day, where spend is that of bills, and contracted or recorded cost where no bill covers. A semi-variable item
    without a rate is 60 % standing and 40 % moving. Other currencies go by the rate of the day. -#}
with
    item_days as (select * from {{ ref("int_tco_item_days") }}),

    driver_parts as (
        select
            charge_date as usage_date,
            cast(0 as bigint) as request_count,
            cast(0 as bigint) as total_tokens,
            billed_cost_usd as spend_usd
        from {{ ref("int_charges") }}
        where charge_date is not null
        union all
        select
            daily.usage_date,
            daily.request_count,
            daily.input_tokens + daily.output_tokens,
            case when coverage.usage_date is null then daily.spend_usd end
        from {{ ref("int_llm_usage_daily") }} as daily {{ join_bill_coverage("daily") }}
    ),

    drivers as (
        select
            usage_date,
            cast(coalesce(sum(request_count), 0) as bigint) as request_count,
            cast(coalesce(sum(total_tokens), 0) as bigint) as total_tokens,
            {{ money_sum("spend_usd") }} as spend_usd
        from driver_parts
        group by 1
    ),

    moving as (
        select
            item_days.*,
            case
                when item_days.driver = 'request'
                then {{ priced("drivers.request_count", "item_days.rate") }}
                when item_days.driver = 'million_tokens'
                then
                    cast(
                        cast(
                            cast(drivers.total_tokens as decimal(18, 0))
                            * cast(0.000001 as decimal(6, 6)) as decimal(24, 6)
                        )
                        * cast(item_days.rate as decimal(14, 6)) as decimal(38, 12)
                    )
                when item_days.driver = 'percent_of_spend'
                then
                    cast(
                        cast(drivers.spend_usd as decimal(26, 12)) * cast(
                            cast(item_days.rate as decimal(10, 6)) * cast(0.01 as decimal(2, 2)) as decimal(12, 8)
                        ) as decimal(38, 12)
                    )
            end as cost
        from item_days
        inner join drivers on drivers.usage_date = item_days.usage_date
        where item_days.rate is not null
    ),

    costs as (
        select
            item_id,
            item_name,
            category,
            cost_behavior,
            case when cost_behavior = 'one_time' then 'one_time' else 'fixed' end as cost_component,
            role_type,
            provider_name,
            vendor_name,
            quantity,
            unit,
            tags,
            notes,
            ends_before_date,
            currency,
            usage_date,
            usd_per_unit,
            {{ semi_variable_part("fixed") }} as cost
        from item_days
        where standing_cost is not null
        union all
        select
            item_id,
            item_name,
            category,
            cost_behavior,
            'variable' as cost_component,
            role_type,
            provider_name,
            vendor_name,
            quantity,
            unit,
            tags,
            notes,
            ends_before_date,
            currency,
            usage_date,
            usd_per_unit,
            {{ semi_variable_part("variable") }} as cost
        from item_days
        where standing_cost is not null and cost_behavior = 'semi_variable' and rate is null
        union all
        select
            item_id,
            item_name,
            category,
            cost_behavior,
            'variable',
            role_type,
            provider_name,
            vendor_name,
            quantity,
            unit,
            tags,
            notes,
            ends_before_date,
            rate_currency,
            usage_date,
            usd_per_unit,
            cost
        from moving
    )

select
    item_id,
    item_name,
    category,
    cost_behavior,
    cost_component,
    role_type,
    provider_name,
    vendor_name,
    quantity,
    unit,
    tags,
    notes,
    ends_before_date,
    currency,
    usage_date,
    cost,
    case when currency = 'USD' then cost else {{ converted("cost", "usd_per_unit") }} end as cost_usd
from costs
