{{ config(materialized="view") }}

select
    prices.price_key,
    prices.provider_id,
    prices.model_id,
    prices.model_name,
    prices.meter,
    prices.price_variant,
    applying.applies_from_utc,
    applying.applies_to_utc,
    prices.valid_from_utc,
    prices.valid_to_utc,
    prices.time_of_day_from_second,
    prices.time_of_day_to_second,
    prices.context_over_tokens,
    prices.context_up_to_tokens,
    prices.list_price_usd_per_unit,
    prices.list_price_usd_per_million_units,
    prices.price_text,
    prices.minimum_quantity,
    prices.price_source,
    prices.price_source_version,
    prices.known_from_utc,
    prices.known_to_utc,
    prices.is_current,
    applying.applies_from_utc < prices.known_from_utc as is_learned_later
from {{ ref("int_prices_at_the_time") }} as applying
inner join {{ ref("dim_prices") }} as prices on prices.price_key = applying.price_key
