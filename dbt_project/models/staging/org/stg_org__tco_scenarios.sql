with
    source as (select * from {{ source("raw_org", "tco_scenarios") }}),

    renamed as (
        select
            cast(scenario_id as string) as scenario_id,
            cast({{ without_people("scenario_name") }} as string) as scenario_name,
            cast(cost_group as string) as cost_group,
            cast(category as string) as category,
            cast(item_id as string) as item_id,
            cast(provider_name as string) as provider_name,
            cast(change_pct as decimal(38, 12)) as change_pct,
            cast(monthly_usd as decimal(38, 12)) as monthly_usd,
            cast(one_time_usd as decimal(38, 12)) as one_time_usd,
            cast(amortization_months as decimal(38, 12)) as amortization_months,
            cast(growth_pct as decimal(38, 12)) as growth_pct,
            cast(efficiency_pct as decimal(38, 12)) as efficiency_pct,
            cast({{ without_people("notes") }} as string) as notes,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
