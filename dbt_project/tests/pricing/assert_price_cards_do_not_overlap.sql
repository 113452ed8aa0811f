{{ config(meta={"dagster": {"ref": {"name": "int_price_cards"}}}) }}
select one.usage_context_id, one.price_card_key, two.price_card_key as other_price_card_key
from {{ ref("int_price_cards") }} as one
inner join
    {{ ref("int_price_cards") }} as two
    on two.usage_context_id = one.usage_context_id
    and two.price_card_key > one.price_card_key
    and two.valid_from_utc < one.valid_to_utc
    and two.valid_to_utc > one.valid_from_utc
    and two.time_of_day_from_second < one.time_of_day_to_second
    and two.time_of_day_to_second > one.time_of_day_from_second
    and two.context_over_tokens < one.context_up_to_tokens
    and two.context_up_to_tokens > one.context_over_tokens
