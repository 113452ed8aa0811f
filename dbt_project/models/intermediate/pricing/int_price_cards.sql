{#- A price card is what holds for a usage context in one stretch of dates, time of day and request size. Every
    request falls on at most one card, and within a card each meter has one price. Dates are cut where the list or
    a negotiated price changes. A context without a list price still has a card where a price is negotiated. -#}
with contexts as (
    select * from {{ ref('int_usage_contexts') }}
),

list_segments as (
    select distinct
        contexts.usage_context_id,
        prices.valid_from_utc,
        prices.valid_to_utc,
        prices.time_of_day_from_second,
        prices.time_of_day_to_second,
        prices.context_over_tokens,
        prices.context_up_to_tokens
    from contexts
    inner join {{ ref('stg_prices__model_prices') }} as prices
        on prices.price_provider_id = contexts.price_provider_id
        and prices.price_model_id = contexts.price_model_id
        and prices.price_variant = contexts.price_variant
),

negotiated as (
    select * from {{ ref('int_contexts_negotiated') }}
),

segments as (
    select *, valid_from_utc as list_valid_from_utc from list_segments
    union all
    select distinct
        negotiated.usage_context_id,
        cast('1900-01-01' as timestamp), cast('2200-01-01' as timestamp),
        cast(0 as bigint), cast(86400 as bigint),
        cast(-1 as bigint), cast(9223372036854775807 as bigint),
        cast(null as timestamp)
    from negotiated
    left join list_segments
        on list_segments.usage_context_id = negotiated.usage_context_id
    where list_segments.usage_context_id is null and negotiated.price_usd_per_million_units is not null
),

cuts as (
    select usage_context_id, valid_from_utc as cut_at_utc from segments
    union
    select usage_context_id, valid_to_utc from segments
    union
    select usage_context_id, valid_from_utc from negotiated
    union
    select usage_context_id, valid_to_utc from negotiated
),

stretches as (
    select
        usage_context_id,
        cut_at_utc as valid_from_utc,
        lead(cut_at_utc) over (partition by usage_context_id order by cut_at_utc) as valid_to_utc
    from cuts
),

cards as (
    select
        segments.usage_context_id,
        stretches.valid_from_utc,
        stretches.valid_to_utc,
        segments.time_of_day_from_second,
        segments.time_of_day_to_second,
        segments.context_over_tokens,
        segments.context_up_to_tokens,
        segments.list_valid_from_utc
    from segments
    inner join stretches
        on stretches.usage_context_id = segments.usage_context_id
        and stretches.valid_from_utc >= segments.valid_from_utc
        and stretches.valid_to_utc <= segments.valid_to_utc
)

select
    {{ surrogate_key(['cards.usage_context_id', 'cards.valid_from_utc', 'cards.time_of_day_from_second', 'cards.context_over_tokens']) }}
        as price_card_key,
    {{ surrogate_number(['cards.usage_context_id', 'cards.valid_from_utc', 'cards.time_of_day_from_second', 'cards.context_over_tokens']) }}
        as price_card_id,
    cards.*,
    case
        when cards.context_over_tokens < 0 then 'base'
        else 'over_' || cast(cards.context_over_tokens as varchar) || '_tokens'
    end as context_tier,
    contexts.price_provider_id,
    contexts.price_model_id,
    contexts.price_variant
from cards
inner join contexts
    on contexts.usage_context_id = cards.usage_context_id
