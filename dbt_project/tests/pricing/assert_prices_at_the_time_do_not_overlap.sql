{{ config(meta={"dagster": {"ref": {"name": "dim_prices_at_the_time"}}}) }}
select
    one.price_key,
    two.price_key as other_price_key,
    one.applies_from_utc,
    two.applies_from_utc as other_applies_from_utc
from {{ ref("dim_prices_at_the_time") }} as one
inner join
    {{ ref("dim_prices_at_the_time") }} as two
    on two.provider_id = one.provider_id
    and two.model_id = one.model_id
    and two.price_variant = one.price_variant
    and two.meter = one.meter
    and (
        two.price_key > one.price_key or (two.price_key = one.price_key and two.applies_from_utc > one.applies_from_utc)
    )
    and two.applies_from_utc < one.applies_to_utc
    and two.applies_to_utc > one.applies_from_utc
    and two.time_of_day_from_second < one.time_of_day_to_second
    and two.time_of_day_to_second > one.time_of_day_from_second
    and two.context_over_tokens < one.context_up_to_tokens
    and two.context_up_to_tokens > one.context_over_tokens
