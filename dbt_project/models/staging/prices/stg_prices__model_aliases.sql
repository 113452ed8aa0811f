with
    source as (select * from {{ source("raw_prices", "model_aliases") }}),

    renamed as (
        select
            cast(provider_name as varchar) as provider_name,
            cast(model as varchar) as model,
            cast(is_batch as boolean) as is_batch,
            cast(service_tier as varchar) as service_tier,
            cast(speed as varchar) as speed,
            coalesce(cast(price_region as varchar), '') as price_region,
            cast(provider_id as varchar) as provider_id,
            cast(price_provider_id as varchar) as price_provider_id,
            cast(price_model_id as varchar) as price_model_id,
            cast(price_model_name as varchar) as price_model_name,
            cast(price_variant as varchar) as price_variant,
            cast(match_method as varchar) as match_method,
            cast(unresolved_reason as varchar) as unresolved_reason,
            cast(closest_candidates as varchar) as closest_candidates,
            cast(context_window as bigint) as context_window,
            cast(resolved_at_utc as timestamp) as resolved_at_utc,
            cast(known_from_utc as timestamp) as known_from_utc,
            cast(known_to_utc as timestamp) as known_to_utc
        from source
    )

select *
from renamed
