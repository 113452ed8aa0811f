with
    source as (select * from {{ source("raw_prices", "other_prices") }}),

    renamed as (
        select
            cast(price_source as string) as price_source,
            cast(source_entry as string) as source_entry,
            cast(source_field as string) as source_field,
            cast(provider_name as string) as provider_name,
            cast(price_provider_id as string) as price_provider_id,
            cast(price_model_id as string) as price_model_id,
            cast(match_method as string) as match_method,
            cast(meter as string) as meter,
            cast(price_variant as string) as price_variant,
            cast(context_over_tokens as bigint) as context_over_tokens,
            cast(price_usd_per_unit as decimal(38, 12)) as price_usd_per_unit,
            cast(price_text as string) as price_text,
            cast(landed_at_utc as timestamp) as landed_at_utc
        from source
    )

select *
from renamed
