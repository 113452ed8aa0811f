{#- A price card is what holds for a usage context in one stretch of dates, time of day and request size. Every request
    falls on at most one card, and within a card each meter has one price. Dates are cut where the list price at the
    time or a negotiated price changes. A context still has a card where no list price applies but a price is
    negotiated. -#}
with
    contexts as (select * from {{ ref("int_usage_contexts") }}),

    list_segments as (
        select
            contexts.usage_context_id,
            segments.valid_from_utc,
            segments.valid_to_utc,
            segments.time_of_day_from_second,
            segments.time_of_day_to_second,
            segments.context_over_tokens,
            segments.context_up_to_tokens
        from contexts
        inner join
            {{ ref("int_list_segments") }} as segments
            on segments.price_provider_id = contexts.price_provider_id
            and segments.price_model_id = contexts.price_model_id
            and segments.price_variant = contexts.price_variant
    ),

    negotiated as (select * from {{ ref("int_contexts_offered") }} where not is_conditional),

    always_priced as (select distinct usage_context_id from negotiated where price_usd_per_million_units is not null),

    cuts as (
        select usage_context_id, valid_from_utc as cut_at_utc
        from list_segments
        union
        select usage_context_id, valid_to_utc
        from list_segments
        union
        select usage_context_id, valid_from_utc
        from negotiated
        union
        select usage_context_id, valid_to_utc
        from negotiated
        union
        select usage_context_id, {{ beginning_of_time() }}
        from always_priced
        union
        select usage_context_id, {{ end_of_time() }}
        from always_priced
    ),

    stretches as (
        select
            usage_context_id,
            cut_at_utc as valid_from_utc,
            lead(cut_at_utc) over (partition by usage_context_id order by cut_at_utc) as valid_to_utc
        from cuts
    ),

    listed as (
        select
            stretches.usage_context_id,
            stretches.valid_from_utc,
            stretches.valid_to_utc,
            segments.time_of_day_from_second,
            segments.time_of_day_to_second,
            segments.context_over_tokens,
            segments.context_up_to_tokens
        from stretches
        inner join
            list_segments as segments
            on segments.usage_context_id = stretches.usage_context_id
            and segments.valid_from_utc <= stretches.valid_from_utc
            and segments.valid_to_utc >= stretches.valid_to_utc
    ),

    -- Whether the list charges tokens, and what beside them; the least audio time that is billed, with which requests
    -- are counted.
    charged as (
        select
            listed.usage_context_id,
            listed.valid_from_utc,
            listed.time_of_day_from_second,
            listed.context_over_tokens,
            max(
                case when prices.meter = 'audio_millisecond' then prices.minimum_quantity end
            ) as minimum_audio_milliseconds,
            {{ charged_meters("prices") }}
        from listed
        inner join contexts on contexts.usage_context_id = listed.usage_context_id
        inner join
            {{ ref("int_prices_at_the_time") }} as prices
            on prices.price_provider_id = contexts.price_provider_id
            and prices.price_model_id = contexts.price_model_id
            and prices.price_variant = contexts.price_variant
            and {{ price_on_card("prices", "listed") }}
        group by 1, 2, 3, 4
    ),

    -- The same of fixed prices that were negotiated. One for everything can only mean tokens.
    agreed as (
        select stretches.usage_context_id, stretches.valid_from_utc, {{ charged_meters("negotiated") }}
        from stretches
        inner join
            negotiated
            on negotiated.usage_context_id = stretches.usage_context_id
            and negotiated.valid_from_utc <= stretches.valid_from_utc
            and negotiated.valid_to_utc >= stretches.valid_to_utc
        where negotiated.price_usd_per_million_units is not null
        group by 1, 2
    ),

    cards as (
        select *
        from listed
        union all
        select
            stretches.usage_context_id,
            stretches.valid_from_utc,
            stretches.valid_to_utc,
            cast(0 as bigint),
            cast(86400 as bigint),
            cast(-1 as bigint),
            cast(9223372036854775807 as bigint)
        from stretches
        inner join always_priced on always_priced.usage_context_id = stretches.usage_context_id
        left join
            (select distinct usage_context_id, valid_from_utc from listed) as covered
            on covered.usage_context_id = stretches.usage_context_id
            and covered.valid_from_utc = stretches.valid_from_utc
        where covered.usage_context_id is null and stretches.valid_to_utc is not null
    )

select
    {{
        surrogate_key(
            [
                "cards.usage_context_id",
                "cards.valid_from_utc",
                "cards.time_of_day_from_second",
                "cards.context_over_tokens",
            ]
        )
    }} as price_card_key,
    {{
        surrogate_number(
            [
                "cards.usage_context_id",
                "cards.valid_from_utc",
                "cards.time_of_day_from_second",
                "cards.context_over_tokens",
            ]
        )
    }} as price_card_id,
    cards.*,
    case
        when cards.context_over_tokens < 0
        then 'base'
        else 'over_' || cast(cards.context_over_tokens as string) || '_tokens'
    end as context_tier,
    contexts.price_provider_id,
    contexts.price_model_id,
    contexts.price_variant,
    charged.minimum_audio_milliseconds
    {%- for meter in told_beside_tokens() %}
        ,
        coalesce(charged.charges_tokens, agreed.charges_tokens) is not null
        and coalesce(charged.charges_{{ meter }}, agreed.charges_{{ meter }}) is null as only_tells_{{ meter }}
    {%- endfor %}
from cards
inner join contexts on contexts.usage_context_id = cards.usage_context_id
left join
    charged
    on charged.usage_context_id = cards.usage_context_id
    and charged.valid_from_utc = cards.valid_from_utc
    and charged.time_of_day_from_second = cards.time_of_day_from_second
    and charged.context_over_tokens = cards.context_over_tokens
left join agreed on agreed.usage_context_id = cards.usage_context_id and agreed.valid_from_utc = cards.valid_from_utc
