with
    source as (select * from {{ source("raw_org", "recommendation_actions") }}),

    renamed as (
        select
            cast(recommendation_id as string) as recommendation_id,
            cast(action as string) as action,
            cast({{ without_people("note") }} as string) as note,
            cast(implementation_cost_usd as decimal(38, 12)) as implementation_cost_usd,
            cast(implementation_days as decimal(38, 12)) as implementation_days,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
