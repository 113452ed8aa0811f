with
    source as (select * from {{ source("raw_prices", "model_prices") }}),

    renamed as (
        select
            cast(price_row_id as string) as price_row_id,
            cast(price_source as string) as price_source,
            cast(price_source_version as string) as price_source_version,
            cast(price_provider_id as string) as price_provider_id,
            cast(price_model_id as string) as price_model_id,
            cast(price_model_name as string) as price_model_name,
            cast(meter as string) as meter,
            cast(price_variant as string) as price_variant,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(time_of_day_from_second as bigint) as time_of_day_from_second,
            cast(time_of_day_to_second as bigint) as time_of_day_to_second,
            cast(context_over_tokens as bigint) as context_over_tokens,
            cast(context_up_to_tokens as bigint) as context_up_to_tokens,
            cast(price_usd_per_unit as decimal(38, 12)) as price_usd_per_unit,
            cast(price_text as string) as price_text,
            cast(source_price_key as string) as source_price_key,
            cast(minimum_quantity as bigint) as minimum_quantity,
            cast(known_from_utc as timestamp) as known_from_utc,
            cast(known_to_utc as timestamp) as known_to_utc
        from source
    )

select *
from renamed
