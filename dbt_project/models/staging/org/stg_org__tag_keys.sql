with
    source as (select * from {{ source("raw_org", "tag_keys") }}),

    renamed as (
        select
            cast(spelling as string) as spelling,
            cast(canonical_key as string) as canonical_key,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
