{{ config(meta={"dagster": {"ref": {"name": "dim_prices_at_the_time"}}}) }}
select later.price_key, known.price_key as known_price_key
from {{ ref("dim_prices_at_the_time") }} as later
inner join
    {{ ref("dim_prices") }} as known
    on known.provider_id = later.provider_id
    and known.model_id = later.model_id
    and known.price_variant = later.price_variant
    and known.meter = later.meter
    and known.valid_from_utc < later.applies_to_utc
    and known.valid_to_utc > later.applies_from_utc
    and known.known_from_utc < later.applies_to_utc
    and known.known_to_utc > later.applies_from_utc
where
    later.is_learned_later
    and later.applies_from_utc < later.known_from_utc
    -- The part of the later price's time that lies before it was known, of the known one's while it was.
    and greatest(known.known_from_utc, known.valid_from_utc, later.applies_from_utc)
    < least(known.known_to_utc, known.valid_to_utc, later.applies_to_utc, later.known_from_utc)
