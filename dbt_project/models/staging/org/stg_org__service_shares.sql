with
    source as (select * from {{ source("raw_org", "service_shares") }}),

    renamed as (
        select
            cast(rule_id as string) as rule_id,
            cast(method as string) as method,
            cast(source_type as string) as source_type,
            cast(source_id as string) as source_id,
            cast(target_type as string) as target_type,
            cast(target_id as string) as target_id,
            cast(weight as bigint) as weight,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
