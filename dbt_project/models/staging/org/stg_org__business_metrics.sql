with
    source as (select * from {{ source("raw_org", "business_metrics") }}),

    renamed as (
        select
            cast(metric as string) as metric,
            cast(subject_type as string) as subject_type,
            cast({{ without_people("subject_id") }} as string) as subject_id,
            cast(value as decimal(38, 12)) as value,
            cast({{ without_people("notes") }} as string) as notes,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
