{#- Every version of every price row. The key stays what it was when newer versions come: rows are never taken out. -#}
with
    numbered as (
        select *, row_number() over (partition by price_row_id order by known_from_utc, known_to_utc) as version_number
        from {{ ref("stg_prices__model_prices") }}
    )

select
    case
        when version_number = 1 then price_row_id else price_row_id || '#' || cast(version_number as string)
    end as price_key,
    price_provider_id,
    price_model_id,
    price_model_name,
    price_variant,
    meter,
    valid_from_utc,
    valid_to_utc,
    time_of_day_from_second,
    time_of_day_to_second,
    context_over_tokens,
    context_up_to_tokens,
    price_usd_per_unit,
    price_text,
    source_price_key,
    minimum_quantity,
    price_source,
    price_source_version,
    known_from_utc,
    coalesce(known_to_utc, {{ end_of_time() }}) as known_to_utc,
    known_to_utc is null as is_current
from numbered
