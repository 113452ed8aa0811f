with
    source as (select * from {{ source("raw_org", "gpu_inventory") }}),

    renamed as (
        select
            cast(host as varchar) as host,
            cast(gpu_id as varchar) as gpu_id,
            cast(instance_id as varchar) as instance_id,
            cast(attached_resources as varchar) as attached_resources,
            cast(gpu_type as varchar) as gpu_type,
            cast(gpu_count as bigint) as gpu_count,
            cast(provider as varchar) as provider,
            cast(region as varchar) as region,
            cast(instance_type as varchar) as instance_type,
            cast(purchase_option as varchar) as purchase_option,
            cast(hourly_rate as decimal(38, 12)) as hourly_rate,
            cast(upfront as decimal(38, 12)) as upfront,
            cast(purchase_price as decimal(38, 12)) as purchase_price,
            cast(depreciation_months as bigint) as depreciation_months,
            cast(currency as varchar) as currency,
            cast(term_start_utc as timestamp) as term_start_utc,
            cast(term_end_utc as timestamp) as term_end_utc,
            cast(team_id as varchar) as team_id,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
