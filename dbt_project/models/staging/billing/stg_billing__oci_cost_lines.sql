with
    source as (select * from {{ source("raw_billing", "oci_cost_lines") }}),

    renamed as (
        select
            cast(reference_no as string) as reference_no,
            cast(tenant_id as string) as tenant_id,
            cast(interval_usage_start_utc as timestamp) as interval_usage_start_utc,
            cast(interval_usage_end_utc as timestamp) as interval_usage_end_utc,
            cast(service as string) as service,
            cast(compartment_id as string) as compartment_id,
            cast(compartment_name as string) as compartment_name,
            cast(region as string) as region,
            cast(availability_domain as string) as availability_domain,
            cast(resource_id as string) as resource_id,
            cast(billed_quantity as decimal(38, 12)) as billed_quantity,
            cast(billed_quantity_overage as decimal(38, 12)) as billed_quantity_overage,
            cast(subscription_id as string) as subscription_id,
            cast(product_sku as string) as product_sku,
            cast(product_description as string) as product_description,
            cast(unit_price as decimal(38, 12)) as unit_price,
            cast(unit_price_overage as decimal(38, 12)) as unit_price_overage,
            cast(my_cost as decimal(38, 12)) as my_cost,
            cast(my_cost_text as string) as my_cost_text,
            cast(my_cost_overage as decimal(38, 12)) as my_cost_overage,
            cast(currency_code as string) as currency_code,
            cast(billing_unit_readable as string) as billing_unit_readable,
            cast(sku_unit_description as string) as sku_unit_description,
            cast(overage_flag as string) as overage_flag,
            cast(is_correction as boolean) as is_correction,
            cast(backreference_no as string) as backreference_no,
            cast({{ without_people("tags") }} as string) as tags,
            cast(extra_columns as string) as extra_columns,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
