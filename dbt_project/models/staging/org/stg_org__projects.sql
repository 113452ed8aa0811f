with
    source as (select * from {{ source("raw_org", "projects") }}),

    renamed as (
        select
            cast(project_id as string) as project_id,
            cast({{ without_people("project_name") }} as string) as project_name,
            cast(team_id as string) as team_id,
            cast(environment as string) as environment,
            cast(monthly_revenue_usd as decimal(38, 12)) as monthly_revenue_usd,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
