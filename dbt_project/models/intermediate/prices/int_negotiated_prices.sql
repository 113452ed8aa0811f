{#- Rows of negotiated_prices.csv as prices are chosen by them. An offer without account and tiers is part of the price
    card; one with either is decided per hour and account, in int_usage_agreed_parts. -#}
with negotiated as (select * from {{ ref("stg_org__negotiated_prices") }})

select
    coalesce(aliases.provider_id, lower(negotiated.provider_name)) as provider_id,
    negotiated.account_id,
    negotiated.model,
    negotiated.variant,
    negotiated.meter,
    negotiated.commitment_id,
    negotiated._source_row,
    negotiated.discount_pct,
    negotiated.price_usd_per_million_units,
    coalesce(negotiated.tier_from_units, 0) as tier_from_units,
    coalesce(negotiated.tier_to_units, 9223372036854775807) as tier_to_units,
    negotiated.tier_from_units is not null or negotiated.tier_to_units is not null as is_tiered,
    negotiated.account_id is not null
    or negotiated.tier_from_units is not null
    or negotiated.tier_to_units is not null as is_conditional,
    coalesce(negotiated.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
    coalesce(negotiated.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc,
    -- The account weighs most, then the model, the variant, the meter.
    case when negotiated.account_id is not null then 8 else 0 end
    + case when negotiated.model is not null then 4 else 0 end
    + case when negotiated.variant is not null then 2 else 0 end
    + case when negotiated.meter is not null then 1 else 0 end as specificity
from negotiated {{ join_provider("lower(negotiated.provider_name)") }}
