with
    source as (select * from {{ source("raw_billing", "oci_cost_lines") }}),

    renamed as (
        select
            cast(reference_no as varchar) as reference_no,
            cast(tenant_id as varchar) as tenant_id,
            cast(interval_usage_start_utc as timestamp) as interval_usage_start_utc,
            cast(interval_usage_end_utc as timestamp) as interval_usage_end_utc,
            cast(service as varchar) as service,
            cast(compartment_id as varchar) as compartment_id,
            cast(compartment_name as varchar) as compartment_name,
            cast(region as varchar) as region,
            cast(availability_domain as varchar) as availability_domain,
            cast(resource_id as varchar) as resource_id,
            cast(billed_quantity as decimal(38, 12)) as billed_quantity,
            cast(billed_quantity_overage as decimal(38, 12)) as billed_quantity_overage,
            cast(subscription_id as varchar) as subscription_id,
            cast(product_sku as varchar) as product_sku,
            cast(product_description as varchar) as product_description,
            cast(unit_price as decimal(38, 12)) as unit_price,
            cast(unit_price_overage as decimal(38, 12)) as unit_price_overage,
            cast(my_cost as decimal(38, 12)) as my_cost,
            cast(my_cost_text as varchar) as my_cost_text,
            cast(my_cost_overage as decimal(38, 12)) as my_cost_overage,
            cast(currency_code as varchar) as currency_code,
            cast(billing_unit_readable as varchar) as billing_unit_readable,
            cast(sku_unit_description as varchar) as sku_unit_description,
            cast(overage_flag as varchar) as overage_flag,
            cast(is_correction as boolean) as is_correction,
            cast(backreference_no as varchar) as backreference_no,
            cast({{ without_people("tags") }} as varchar) as tags,
            cast(extra_columns as varchar) as extra_columns,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
