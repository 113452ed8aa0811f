with
    source as (select * from {{ source("raw_org", "negotiated_prices") }}),

    renamed as (
        select
            cast(provider_name as string) as provider_name,
            cast(account_id as string) as account_id,
            cast(model as string) as model,
            cast(variant as string) as variant,
            cast(meter as string) as meter,
            cast(commitment_id as string) as commitment_id,
            cast(tier_from_units as bigint) as tier_from_units,
            cast(tier_to_units as bigint) as tier_to_units,
            cast(discount_pct as decimal(38, 12)) as discount_pct,
            cast(price_usd_per_million_units as decimal(38, 12)) as price_usd_per_million_units,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
