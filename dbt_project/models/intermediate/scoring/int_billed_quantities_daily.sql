{#- What each SKU billed on a day over which quantities, beside what they were expected to cost: the evidence for the
    prices that bills imply. Quantities are the bill's own where it states them, else those of usage. Lines of one day
    that neither states a quantity for are left out, as are corrections, other currencies and periods over a day. -#}
with charges as (
    select
        charge_date as usage_date,
        provider_id,
        charge_source,
        billing_account_id,
        sub_account_id,
        coalesce(sku_id, sku_meter, charge_description) as sku_id,
        coalesce(charge_description, sku_meter) as sku_name,
        model_id,
        meter,
        ' ' || {{ words_of("coalesce(sku_meter, '') || ' ' || coalesce(sku_id, '') || ' ' || coalesce(charge_description, '')") }} || ' ' as sku_words,
        coalesce(consumed_quantity, pricing_quantity) as quantity,
        lower(replace(case when consumed_quantity is not null then consumed_unit else pricing_unit end, '_', ' ')) as unit_words,
        billed_cost
    from {{ ref('fct_charges') }}
    where is_llm_charge
        and charge_category = 'Usage'
        and charge_class is null
        and billing_currency = 'USD'
        and billed_cost_usd is not null
        and provider_id is not null
        and charge_date is not null
        and coalesce(charge_period_end_utc, charge_period_start_utc) <= charge_period_start_utc + interval '1' day
        and coalesce(sku_id, sku_meter, charge_description) is not null
),

worded as (
    select
        *,
        case
            when sku_words like '% batch %' then 'processing=batch'
            when sku_words like '% flex %' then 'service_tier=flex'
            when sku_words like '% priority %' then 'service_tier=priority'
            else 'standard'
        end as sku_variant,
        case when sku_words like '% long context %' then 'long' else 'base' end as sku_context,
        case
            when unit_words in ('1m tokens', '1000000 tokens', '1m', 'million tokens') then cast(1000000 as decimal(7, 0))
            when unit_words in ('1k tokens', '1000 tokens', '1k', 'thousand tokens') then cast(1000 as decimal(7, 0))
            when unit_words in ('tokens', 'token', 'characters', 'requests', 'searches', 'each', 'units', '1') then cast(1 as decimal(7, 0))
        end as units_per_quantity
    from charges
),

lines as (
    select
        usage_date, provider_id, charge_source, billing_account_id, sub_account_id, sku_id, model_id, meter,
        sku_variant, sku_context,
        max(sku_name) as sku_name,
        case when count(quantity) = count(*) then
            cast(sum(
                cast(quantity as decimal(26, 12)) * coalesce(units_per_quantity, cast(1 as decimal(7, 0)))
            ) as decimal(38, 12))
        end as quantity,
        count(units_per_quantity) = count(*) as is_unit_known,
        {{ money_sum('billed_cost') }} as billed_cost_usd,
        cast(count(*) as bigint) as charge_count
    from worded
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),

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
    from {{ ref('int_price_card_meters') }} as meters
    inner join {{ ref('int_price_cards') }} as cards
        on cards.price_card_id = meters.price_card_id
    inner join {{ ref('int_usage_contexts') }} as contexts
        on contexts.usage_context_id = meters.usage_context_id
    where meters.is_charged
),

prices as (
    select * from carded
    union all
    -- What no usage was ever seen of has a list price and no known contract.
    select
        listed.provider_id, listed.model_id, listed.price_variant,
        case when listed.context_over_tokens < 0 then 'base' else 'long' end,
        listed.meter, listed.valid_from_utc, listed.valid_to_utc, listed.list_price_usd_per_unit,
        cast(null as decimal(38, 12))
    from {{ ref('dim_prices') }} as listed
    where not exists (
        select 1 from carded
        where carded.provider_id = listed.provider_id
            and carded.model_id = listed.model_id
            and carded.price_variant = listed.price_variant
    )
),

line_prices as (
    select
        lines.usage_date, lines.provider_id, lines.model_id, lines.meter, lines.sku_variant, lines.sku_context,
        -- Two prices for one SKU on one day (times of day, two aliases under other contracts) are no expectation.
        {{ only_value('prices.list_price_usd_per_unit') }} as list_price_usd_per_unit,
        {{ only_value('prices.contracted_price_usd_per_unit') }} as contracted_price_usd_per_unit
    from (
        select distinct usage_date, provider_id, model_id, meter, sku_variant, sku_context from lines
    ) as lines
    inner join prices
        on prices.provider_id = lines.provider_id
        and prices.model_id = lines.model_id
        and prices.meter = lines.meter
        and prices.price_variant = lines.sku_variant
        and prices.sku_context = lines.sku_context
        and prices.valid_from_utc <= cast(lines.usage_date as timestamp)
        and prices.valid_to_utc > cast(lines.usage_date as timestamp)
    group by 1, 2, 3, 4, 5, 6
),

stated as (
    select
        lines.usage_date, lines.provider_id, lines.charge_source, lines.billing_account_id, lines.sub_account_id,
        lines.sku_id, lines.sku_name, lines.model_id, lines.meter,
        lines.sku_variant as price_variant,
        lines.sku_context as context_tier,
        lines.quantity,
        'bill' as quantity_source,
        lines.billed_cost_usd,
        lines.charge_count,
        case when lines.is_unit_known then line_prices.list_price_usd_per_unit end as list_price_usd_per_unit,
        case when lines.is_unit_known then line_prices.contracted_price_usd_per_unit end as contracted_price_usd_per_unit,
        lines.meter as line_meter, lines.sku_variant, lines.sku_context
    from lines
    left join line_prices
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
        {{ only_value('list_price_usd_per_unit') }} as list_price_usd_per_unit,
        {{ only_value('contracted_price_usd_per_unit') }} as contracted_price_usd_per_unit
    from {{ ref('fct_llm_usage_hourly') }}
    where meter <> 'request'
        and not (meter like '%_surcharge' and coalesce(list_price_usd_per_unit, 0) = 0)
    group by 1, 2, 3, 4, 5, 6, 7
    having sum(billable_quantity) > 0
),

evidenced as (
    select
        lines.usage_date, lines.provider_id, lines.charge_source, lines.billing_account_id, lines.sub_account_id,
        lines.sku_id, lines.sku_name, lines.model_id,
        metered.meter, metered.price_variant, metered.context_tier, metered.quantity,
        'usage' as quantity_source,
        lines.billed_cost_usd,
        lines.charge_count,
        metered.list_price_usd_per_unit,
        metered.contracted_price_usd_per_unit,
        lines.meter, lines.sku_variant, lines.sku_context
    from lines
    inner join metered
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
            or (lines.sku_variant = 'standard' and metered.price_variant not in ('processing=batch', 'service_tier=flex', 'service_tier=priority'))
        )
        and (lines.sku_context = 'base' or metered.context_tier <> 'base')
    where lines.quantity is null
),

billed_quantities as (
    select * from stated
    union all
    select * from evidenced
)

select
    {{ surrogate_key([
        'usage_date', 'provider_id', 'charge_source', 'billing_account_id', 'sub_account_id', 'sku_id', 'model_id', 'meter',
        'price_variant', 'context_tier', 'sku_variant', 'sku_context'
    ]) }} as billed_quantity_key,
    {{ surrogate_key([
        'usage_date', 'provider_id', 'charge_source', 'billing_account_id', 'sub_account_id', 'sku_id', 'model_id', 'line_meter',
        'sku_variant', 'sku_context'
    ]) }} as billed_line_id,
    usage_date, provider_id, charge_source, billing_account_id, sub_account_id, sku_id, sku_name, model_id,
    meter, price_variant, context_tier, quantity, quantity_source, billed_cost_usd, charge_count,
    list_price_usd_per_unit, contracted_price_usd_per_unit
from billed_quantities
