{#- What each SKU billed on a day over which quantities, beside what they were expected to cost: the evidence for the
    prices that bills imply. Quantities are the bill's own where it states them, else those of usage; what neither
    states a quantity for is left out. -#}
with
    lines as (
        select
            *,
            max(case when sku_context = 'long' then 1 else 0 end) over (
                partition by usage_date, provider_id, charge_source, billing_account_id, sub_account_id, model_id
            ) as has_long_context_sku
        from {{ ref("int_billed_skus_daily") }}
    ),

    line_prices as (select * from {{ ref("int_billed_sku_prices_daily") }}),

    stated as (
        select
            lines.usage_date,
            lines.provider_id,
            lines.charge_source,
            lines.billing_account_id,
            lines.sub_account_id,
            lines.sku_id,
            lines.sku_name,
            lines.model_id,
            lines.meter,
            lines.sku_variant as price_variant,
            lines.sku_context as context_tier,
            lines.quantity,
            'bill' as quantity_source,
            lines.billed_cost_usd,
            lines.charge_count,
            case when lines.is_unit_known then line_prices.list_price_usd_per_unit end as list_price_usd_per_unit,
            case
                when lines.is_unit_known then line_prices.contracted_price_usd_per_unit
            end as contracted_price_usd_per_unit,
            lines.meter as line_meter,
            lines.sku_variant,
            lines.sku_context
        from lines
        left join
            line_prices
            on line_prices.usage_date = lines.usage_date
            and line_prices.provider_id = lines.provider_id
            and line_prices.model_id is not distinct from lines.model_id
            and line_prices.meter is not distinct from lines.meter
            and line_prices.sku_variant = lines.sku_variant
            and line_prices.sku_context = lines.sku_context
        where lines.quantity is not null
    ),

    metered as (
        select
            usage_date,
            provider_id,
            case when provider_id = 'anthropic' then workspace_id else account_id end as sub_account_id,
            model_id,
            meter,
            coalesce(price_variant, 'standard') as price_variant,
            coalesce(context_tier, 'base') as context_tier,
            cast(sum(billable_quantity) as decimal(38, 12)) as quantity,
            -- Without one contracted price there is nothing to hold the bill against.
            case
                when {{ only_value("contracted_price_usd_per_unit") }} is not null
                then {{ only_value("list_price_usd_per_unit") }}
            end as list_price_usd_per_unit,
            {{ only_value("contracted_price_usd_per_unit") }} as contracted_price_usd_per_unit
        from {{ ref("int_usage_priced_hourly") }}
        where meter <> 'request' and not (meter like '%_surcharge' and coalesce(list_price_usd_per_unit, 0) = 0)
        group by 1, 2, 3, 4, 5, 6, 7
        having sum(billable_quantity) > 0
    ),

    evidenced as (
        select
            lines.usage_date,
            lines.provider_id,
            lines.charge_source,
            lines.billing_account_id,
            lines.sub_account_id,
            lines.sku_id,
            lines.sku_name,
            lines.model_id,
            metered.meter,
            metered.price_variant,
            metered.context_tier,
            metered.quantity,
            'usage' as quantity_source,
            lines.billed_cost_usd,
            lines.charge_count,
            metered.list_price_usd_per_unit,
            metered.contracted_price_usd_per_unit,
            lines.meter,
            lines.sku_variant,
            lines.sku_context
        from lines
        inner join
            metered
            on metered.usage_date = lines.usage_date
            and metered.provider_id = lines.provider_id
            and metered.model_id = lines.model_id
            and metered.sub_account_id is not distinct from lines.sub_account_id
            and (
                lines.meter is null
                or metered.meter = lines.meter
                -- A write to the cache without a lifetime is the ordinary one.
                or (lines.meter = 'cache_write' and metered.meter = 'cache_write_5m')
            )
            and (
                lines.sku_variant = metered.price_variant
                or (
                    lines.sku_variant = 'standard'
                    and metered.price_variant not in ('processing=batch', 'service_tier=flex', 'service_tier=priority')
                )
            )
            -- Where long requests have a SKU of their own, the ordinary one is for the others only.
            and (
                (lines.sku_context = 'long' and metered.context_tier <> 'base')
                or (lines.sku_context = 'base' and (metered.context_tier = 'base' or lines.has_long_context_sku = 0))
            )
        where lines.quantity is null
    ),

    billed_quantities as (
        select *
        from stated
        union all
        select *
        from evidenced
    )

select
    {{
        surrogate_key(
            [
                "usage_date",
                "provider_id",
                "charge_source",
                "billing_account_id",
                "sub_account_id",
                "sku_id",
                "model_id",
                "meter",
                "price_variant",
                "context_tier",
                "sku_variant",
                "sku_context",
            ]
        )
    }} as billed_quantity_key,
    {{
        surrogate_key(
            [
                "usage_date",
                "provider_id",
                "charge_source",
                "billing_account_id",
                "sub_account_id",
                "sku_id",
                "model_id",
                "line_meter",
                "sku_variant",
                "sku_context",
            ]
        )
    }} as billed_line_id,
    usage_date,
    provider_id,
    charge_source,
    billing_account_id,
    sub_account_id,
    sku_id,
    sku_name,
    model_id,
    meter,
    price_variant,
    context_tier,
    quantity,
    quantity_source,
    billed_cost_usd,
    charge_count,
    list_price_usd_per_unit,
    contracted_price_usd_per_unit
from billed_quantities
