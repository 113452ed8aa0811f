with
    source as (select * from {{ source("raw_org", "ownership") }}),

    renamed as (
        select
            cast(subject_type as string) as subject_type,
            cast({{ without_people("subject_id") }} as string) as subject_id,
            cast(provider_name as string) as provider_name,
            cast(team_id as string) as team_id,
            cast(project_id as string) as project_id,
            cast(cost_center_id as string) as cost_center_id,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
