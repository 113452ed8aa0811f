with
    source as (select * from {{ source("raw_org", "kpi_targets") }}),

    renamed as (
        select
            cast(kpi as string) as kpi,
            cast(target as decimal(38, 12)) as target,
            cast(warning as decimal(38, 12)) as warning,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
