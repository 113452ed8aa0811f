with
    source as (select * from {{ source("raw_org", "cost_centers") }}),

    renamed as (
        select
            cast(cost_center_id as string) as cost_center_id,
            cast({{ without_people("cost_center_name") }} as string) as cost_center_name,
            cast(parent_cost_center_id as string) as parent_cost_center_id,
            cast({{ without_people("owner") }} as string) as owner,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
