{#- What each SKU that bills name was expected to cost per unit on each day: the price cards of the contexts that usage
    was seen in, else the public list. -#}
with
    carded as (
        select
            contexts.provider_id,
            contexts.model_id,
            contexts.price_variant,
            case when cards.context_over_tokens < 0 then 'base' else 'long' end as sku_context,
            meters.meter,
            meters.valid_from_utc,
            meters.valid_to_utc,
            meters.list_price_usd_per_unit,
            meters.contracted_price_usd_per_unit
        from {{ ref("int_price_card_meters") }} as meters
        inner join {{ ref("int_price_cards") }} as cards on cards.price_card_id = meters.price_card_id
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = meters.usage_context_id
        where meters.is_charged
    ),

    prices as (
        select *
        from carded
        union all
        -- What no usage was ever seen of has a list price and no known contract.
        select
            listed.price_provider_id,
            listed.price_model_id,
            listed.price_variant,
            case when listed.context_over_tokens < 0 then 'base' else 'long' end,
            listed.meter,
            listed.applies_from_utc,
            listed.applies_to_utc,
            listed.price_usd_per_unit,
            cast(null as decimal(38, 12))
        from {{ ref("int_prices_at_the_time") }} as listed
        where
            not exists (
                select 1
                from carded
                where
                    carded.provider_id = listed.price_provider_id
                    and carded.model_id = listed.price_model_id
                    and carded.price_variant = listed.price_variant
            )
    ),

    line_prices as (
        select
            lines.usage_date,
            lines.provider_id,
            lines.model_id,
            lines.meter,
            lines.sku_variant,
            lines.sku_context,
            -- Two prices for one SKU on one day (times of day, two aliases under other contracts) are no expectation.
            {{ only_value("prices.list_price_usd_per_unit") }} as list_price_usd_per_unit,
            {{ only_value("prices.contracted_price_usd_per_unit") }} as contracted_price_usd_per_unit
        from
            (
                select distinct usage_date, provider_id, model_id, meter, sku_variant, sku_context
                from {{ ref("int_billed_skus_daily") }}
            ) as lines
        inner join
            prices
            on prices.provider_id = lines.provider_id
            and prices.model_id = lines.model_id
            and prices.meter = lines.meter
            and prices.price_variant = lines.sku_variant
            and prices.sku_context = lines.sku_context
            and prices.valid_from_utc <= cast(lines.usage_date as timestamp)
            and prices.valid_to_utc > cast(lines.usage_date as timestamp)
        group by 1, 2, 3, 4, 5, 6
    ),

    -- What usage of the day was priced at: under offers for an account or a volume band that is not the card's price.
    agreed as (
        select
            usage_date,
            provider_id,
            model_id,
            meter,
            price_variant,
            case when context_tier = 'base' then 'base' else 'long' end as sku_context,
            case
                when count(contracted_price_usd_per_unit) = count(*)
                then {{ only_value("contracted_price_usd_per_unit") }}
            end as contracted_price_usd_per_unit
        from {{ ref("int_usage_priced_hourly") }}
        where is_billable and quantity > 0
        group by 1, 2, 3, 4, 5, 6
    )

select
    line_prices.usage_date,
    line_prices.provider_id,
    line_prices.model_id,
    line_prices.meter,
    line_prices.sku_variant,
    line_prices.sku_context,
    case when is_one_price then line_prices.list_price_usd_per_unit end as list_price_usd_per_unit,
    case when is_one_price then line_prices.contracted_price_usd_per_unit end as contracted_price_usd_per_unit
from
    (
        select
            line_prices.*,
            agreed.usage_date is null
            or coalesce(
                agreed.contracted_price_usd_per_unit = line_prices.contracted_price_usd_per_unit, false
            ) as is_one_price
        from line_prices
        left join
            agreed
            on agreed.usage_date = line_prices.usage_date
            and agreed.provider_id = line_prices.provider_id
            and agreed.model_id = line_prices.model_id
            and agreed.meter = line_prices.meter
            and agreed.price_variant = line_prices.sku_variant
            and agreed.sku_context = line_prices.sku_context
    ) as line_prices
