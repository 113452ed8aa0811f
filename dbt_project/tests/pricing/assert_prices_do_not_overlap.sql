{{ config(meta={"dagster": {"ref": {"name": "dim_prices"}}}) }}
select one.price_key, two.price_key as other_price_key
from {{ ref("dim_prices") }} as one
inner join
    {{ ref("dim_prices") }} as two
    on two.provider_id = one.provider_id
    and two.model_id = one.model_id
    and two.price_variant = one.price_variant
    and two.meter = one.meter
    and two.price_source = one.price_source
    and two.price_key > one.price_key
    and two.valid_from_utc < one.valid_to_utc
    and two.valid_to_utc > one.valid_from_utc
    and two.known_from_utc < one.known_to_utc
    and two.known_to_utc > one.known_from_utc
    and two.time_of_day_from_second < one.time_of_day_to_second
    and two.time_of_day_to_second > one.time_of_day_from_second
    and two.context_over_tokens < one.context_up_to_tokens
    and two.context_up_to_tokens > one.context_over_tokens
