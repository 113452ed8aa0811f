{#- Each change of a price at which somebody asks, what it is worth, the incident that tells of it or why none does. -#}
select
    price_change_id,
    provider_id,
    model_id,
    price_variant,
    context_tier,
    meter,
    valid_from_date,
    {{ per_million("old_price_usd_per_unit") }} as old_price_usd_per_million_units,
    {{ per_million("new_price_usd_per_unit") }} as new_price_usd_per_million_units,
    quantity,
    counted_days,
    cast(change_usd_a_day as decimal(38, 12)) as change_usd_a_day,
    cast(together_usd_a_day as decimal(38, 12)) as together_usd_a_day,
    cast(least_usd_a_day as decimal(38, 12)) as least_usd_a_day,
    is_told,
    incident_id,
    reason,
    model_name,
    model_version,
    scored_at_utc
from {{ source("ml", "price_changes") }}
