{#- Rates as they are looked up: half-open, one per currency and instant, US dollars among them at exactly 1. -#}
select currency, usd_per_unit, units_per_usd, rate_source, valid_from_utc, valid_to_utc
from {{ ref("stg_org__fx_rates") }}
union all
select
    'USD',
    cast(1 as decimal(38, 12)),
    cast(1 as decimal(38, 12)),
    'identity',
    cast('1900-01-01' as timestamp),
    cast('2200-01-01' as timestamp)
