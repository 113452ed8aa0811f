{#- The cards as requests look them up: the context, the ranges, and the least audio time that is billed. -#}
select
    cards.usage_context_id,
    cards.price_card_id,
    cards.valid_from_utc,
    cards.valid_to_utc,
    cards.time_of_day_from_second,
    cards.time_of_day_to_second,
    cards.context_over_tokens,
    cards.context_up_to_tokens,
    wide.minimum_audio_milliseconds
from {{ ref("int_price_cards") }} as cards
left join {{ ref("int_price_cards_wide") }} as wide on wide.price_card_id = cards.price_card_id
