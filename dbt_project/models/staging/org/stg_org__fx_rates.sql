with
    source as (select * from {{ source("raw_org", "fx_rates") }}),

    renamed as (
        select
            cast(currency as string) as currency,
            cast(usd_per_unit as decimal(38, 12)) as usd_per_unit,
            cast(units_per_usd as decimal(38, 12)) as units_per_usd,
            cast(rate_source as string) as rate_source,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
