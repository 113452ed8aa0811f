with
    source as (select * from {{ source("raw_org", "commitments") }}),

    renamed as (
        select
            cast(commitment_id as string) as commitment_id,
            cast({{ without_people("commitment_name") }} as string) as commitment_name,
            cast(commitment_type as string) as commitment_type,
            cast(provider_name as string) as provider_name,
            cast(model as string) as model,
            cast(gpu_name as string) as gpu_name,
            cast(host as string) as host,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(unit as string) as unit,
            cast(upfront_usd as decimal(38, 12)) as upfront_usd,
            cast(hourly_usd as decimal(38, 12)) as hourly_usd,
            cast(total_upfront_usd as decimal(38, 12)) as total_upfront_usd,
            cast(total_hourly_usd as decimal(38, 12)) as total_hourly_usd,
            cast(on_demand_hourly_usd as decimal(38, 12)) as on_demand_hourly_usd,
            cast(tokens_per_minute as decimal(38, 12)) as tokens_per_minute,
            cast(term_months as decimal(38, 12)) as term_months,
            cast(team_id as string) as team_id,
            cast(project_id as string) as project_id,
            cast(cost_center_id as string) as cost_center_id,
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
