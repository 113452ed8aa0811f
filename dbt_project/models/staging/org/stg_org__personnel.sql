with
    source as (select * from {{ source("raw_org", "personnel") }}),

    renamed as (
        select
            cast(role_id as string) as role_id,
            cast({{ without_people("role_name") }} as string) as role_name,
            cast(role_type as string) as role_type,
            cast(annual_salary as decimal(38, 12)) as annual_salary,
            cast(currency as string) as currency,
            cast(benefits_factor as decimal(38, 12)) as benefits_factor,
            cast(headcount as decimal(38, 12)) as headcount,
            cast(allocation_pct as decimal(38, 12)) as allocation_pct,
            cast(annual_cost as decimal(38, 12)) as annual_cost,
            cast({{ without_people("tags") }} as string) as tags,
            cast({{ without_people("notes") }} as string) as notes,
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
