with
    source as (select * from {{ source("raw_org", "gpu_inventory") }}),

    renamed as (
        select
            cast(host as string) as host,
            cast(gpu_id as string) as gpu_id,
            cast(instance_id as string) as instance_id,
            cast(attached_resources as string) as attached_resources,
            cast(gpu_type as string) as gpu_type,
            cast(gpu_count as bigint) as gpu_count,
            cast(provider as string) as provider,
            cast(region as string) as region,
            cast(instance_type as string) as instance_type,
            cast(purchase_option as string) as purchase_option,
            cast(hourly_rate as decimal(38, 12)) as hourly_rate,
            cast(upfront as decimal(38, 12)) as upfront,
            cast(purchase_price as decimal(38, 12)) as purchase_price,
            cast(depreciation_months as bigint) as depreciation_months,
            cast(currency as string) as currency,
            cast(term_start_utc as timestamp) as term_start_utc,
            cast(term_end_utc as timestamp) as term_end_utc,
            cast(team_id as string) as team_id,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
