with
    source as (select * from {{ source("raw_prices", "other_prices") }}),

    renamed as (
        select
            cast(price_source as varchar) as price_source,
            cast(source_entry as varchar) as source_entry,
            cast(source_field as varchar) as source_field,
            cast(provider_name as varchar) as provider_name,
            cast(price_provider_id as varchar) as price_provider_id,
            cast(price_model_id as varchar) as price_model_id,
            cast(match_method as varchar) as match_method,
            cast(meter as varchar) as meter,
            cast(price_variant as varchar) as price_variant,
            cast(context_over_tokens as bigint) as context_over_tokens,
            cast(price_usd_per_unit as decimal(38, 12)) as price_usd_per_unit,
            cast(price_text as varchar) as price_text,
            cast(landed_at_utc as timestamp) as landed_at_utc
        from source
    )

select *
from renamed
