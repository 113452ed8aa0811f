with
    source as (select * from {{ source("raw_prices", "model_aliases") }}),

    renamed as (
        select
            cast(provider_name as string) as provider_name,
            cast(model as string) as model,
            cast(is_batch as boolean) as is_batch,
            cast(service_tier as string) as service_tier,
            cast(speed as string) as speed,
            coalesce(cast(price_region as string), '') as price_region,
            cast(provider_id as string) as provider_id,
            cast(price_provider_id as string) as price_provider_id,
            cast(price_model_id as string) as price_model_id,
            cast(price_model_name as string) as price_model_name,
            cast(price_variant as string) as price_variant,
            cast(match_method as string) as match_method,
            cast(unresolved_reason as string) as unresolved_reason,
            cast(closest_candidates as string) as closest_candidates,
            cast(context_window as bigint) as context_window,
            cast(resolved_at_utc as timestamp) as resolved_at_utc,
            cast(known_from_utc as timestamp) as known_from_utc,
            cast(known_to_utc as timestamp) as known_to_utc
        from source
    )

select *
from renamed
