with
    source as (select * from {{ source("raw_org", "tco_items") }}),

    renamed as (
        select
            cast(item_id as string) as item_id,
            cast({{ without_people("item_name") }} as string) as item_name,
            cast(category as string) as category,
            cast(cost_behavior as string) as cost_behavior,
            cast(amount as decimal(38, 12)) as amount,
            cast(currency as string) as currency,
            cast(period as string) as period,
            cast(driver as string) as driver,
            cast(rate as decimal(38, 12)) as rate,
            cast(amortization_months as bigint) as amortization_months,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(unit as string) as unit,
            cast(unit_price as decimal(38, 12)) as unit_price,
            cast(provider_name as string) as provider_name,
            cast(vendor_name as string) as vendor_name,
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
