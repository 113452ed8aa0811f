with
    source as (select * from {{ source("raw_prices", "model_catalog") }}),

    renamed as (
        select
            cast(price_provider_id as string) as price_provider_id,
            cast(price_model_id as string) as price_model_id,
            cast(price_model_name as string) as price_model_name,
            cast(context_window as bigint) as context_window,
            cast(is_deprecated as boolean) as is_deprecated
        from source
    )

select *
from renamed
