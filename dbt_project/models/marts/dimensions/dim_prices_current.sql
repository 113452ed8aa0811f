{{ config(materialized="view") }}

select
    price_key,
    provider_id,
    model_id,
    model_name,
    meter,
    price_variant,
    valid_from_utc,
    valid_to_utc,
    time_of_day_from_second,
    time_of_day_to_second,
    context_over_tokens,
    context_up_to_tokens,
    list_price_usd_per_unit,
    list_price_usd_per_million_units,
    price_text,
    minimum_quantity,
    price_source,
    price_source_version,
    known_from_utc
from {{ ref("dim_prices") }}
where is_current
