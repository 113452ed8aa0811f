{#- The price of each meter on each card. A meter that is absent has no known price. Some meters are charged only
    where the list says so; elsewhere they are on the card at 0 with is_charged false: requests and surcharges always,
    characters, audio time, pages and images where the model is priced by token: there they tell of a call that counts
    tokens (of one that counts none the cost is unknown: int_requests_carded). -#}
with
    cards as (select * from {{ ref("int_price_cards") }}),

    listed as (
        select
            cards.price_card_id,
            prices.meter,
            prices.price_key,
            prices.price_usd_per_unit as list_price_usd_per_unit,
            prices.minimum_quantity
        from cards
        inner join
            {{ ref("int_prices_at_the_time") }} as prices
            on prices.price_provider_id = cards.price_provider_id
            and prices.price_model_id = cards.price_model_id
            and prices.price_variant = cards.price_variant
            and {{ price_on_card("prices", "cards") }}
    ),

    offers as (
        select
            cards.price_card_id,
            meters.meter,
            negotiated.discount_pct,
            negotiated.price_usd_per_million_units,
            row_number() over (
                partition by cards.price_card_id, meters.meter
                order by
                    negotiated.specificity desc,
                    negotiated.valid_from_utc desc,
                    negotiated.price_usd_per_million_units,
                    negotiated.discount_pct desc
            ) as offer_rank
        from cards
        inner join
            {{ ref("int_contexts_offered") }} as negotiated
            on negotiated.usage_context_id = cards.usage_context_id
            and not negotiated.is_conditional
            and negotiated.valid_from_utc <= cards.valid_from_utc
            and negotiated.valid_to_utc >= cards.valid_to_utc
        inner join
            {{ ref("meters") }} as meters
            on meters.meter = negotiated.meter
            -- One fixed price for everything can only mean tokens.
            or (negotiated.meter is null and (negotiated.discount_pct is not null or meters.is_token))
    ),

    offered as (select * from offers where offer_rank = 1),

    metered as (
        select price_card_id, meter
        from listed
        union
        select price_card_id, meter
        from offered
        where price_usd_per_million_units is not null
    ),

    charged as (
        select
            metered.price_card_id,
            metered.meter,
            listed.price_key,
            listed.list_price_usd_per_unit,
            {{ contracted_price("offered", "listed.list_price_usd_per_unit") }} as contracted_price_usd_per_unit,
            listed.minimum_quantity,
            true as is_charged
        from metered
        left join listed on listed.price_card_id = metered.price_card_id and listed.meter = metered.meter
        left join offered on offered.price_card_id = metered.price_card_id and offered.meter = metered.meter
    ),

    cards_by_token as (
        select distinct charged.price_card_id
        from charged
        inner join {{ ref("meters") }} as meters on meters.meter = charged.meter and meters.is_token
    ),

    uncharged as (
        select cards.price_card_id, meters.meter
        from cards
        left join cards_by_token on cards_by_token.price_card_id = cards.price_card_id
        inner join
            {{ ref("meters") }} as meters
            on meters.meter in ('request', 'reasoning_surcharge', 'citation_surcharge')
            or (
                cards_by_token.price_card_id is not null
                and meters.meter
                in ({%- for meter in told_beside_tokens() %}'{{ meter }}'{{ ", " if not loop.last }}{% endfor -%})
            )
        except
        select price_card_id, meter
        from charged
    ),

    card_meters as (
        select *
        from charged
        union all
        select
            price_card_id,
            meter,
            cast(null as string),
            cast(0 as decimal(38, 12)),
            cast(0 as decimal(38, 12)),
            cast(null as bigint),
            false
        from uncharged
    )

select card_meters.*, cards.price_card_key, cards.usage_context_id, cards.valid_from_utc, cards.valid_to_utc
from card_meters
inner join cards on cards.price_card_id = card_meters.price_card_id
