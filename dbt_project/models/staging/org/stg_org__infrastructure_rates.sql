with
    source as (select * from {{ source("raw_org", "infrastructure_rates") }}),

    renamed as (
        select
            cast(resource_type as string) as resource_type,
            cast(sku as string) as sku,
            cast(gpu_type as string) as gpu_type,
            cast(gpus_per_instance as bigint) as gpus_per_instance,
            cast(provider as string) as provider,
            cast(region as string) as region,
            cast(purchase_option as string) as purchase_option,
            cast(unit as string) as unit,
            cast(rate as decimal(38, 12)) as rate,
            cast(currency as string) as currency,
            cast(upfront as decimal(38, 12)) as upfront,
            cast(term_months as bigint) as term_months,
            cast(source_url as string) as source_url,
            cast({{ without_people("note") }} as string) as note,
            cast(valid_from_utc as timestamp) as valid_from_utc,
            cast(valid_to_utc as timestamp) as valid_to_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
