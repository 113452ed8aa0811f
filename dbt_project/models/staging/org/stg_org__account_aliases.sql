with
    source as (select * from {{ source("raw_org", "account_aliases") }}),

    renamed as (
        select
            cast(provider_name as string) as provider_name,
            cast(alias as string) as alias,
            cast(account_id as string) as account_id,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
