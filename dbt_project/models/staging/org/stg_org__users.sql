with
    source as (select * from {{ source("raw_org", "users") }}),

    renamed as (
        select
            cast({{ person("user_id") }} as string) as user_id,
            cast(user_name as string) as user_name,
            cast(team_id as string) as team_id,
            cast(email as string) as email,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
