with
    source as (select * from {{ source("raw_aws", "cost_explorer") }}),

    renamed as (
        select
            cast(report as string) as report,
            cast(granularity as string) as granularity,
            cast(period_start_date as date) as period_start_date,
            cast(period_end_date as date) as period_end_date,
            cast(is_estimated as boolean) as is_estimated,
            cast(group_by as string) as group_by,
            cast(group_keys as string) as group_keys,
            cast(service as string) as service,
            cast(usage_type as string) as usage_type,
            cast(record_type as string) as record_type,
            cast(linked_account_id as string) as linked_account_id,
            cast(region as string) as region,
            cast(tag_key as string) as tag_key,
            cast({{ without_people("tag_value") }} as string) as tag_value,
            cast(currency as string) as currency,
            cast(unblended_cost as decimal(38, 12)) as unblended_cost,
            cast(unblended_cost_text as string) as unblended_cost_text,
            cast(amortized_cost as decimal(38, 12)) as amortized_cost,
            cast(amortized_cost_text as string) as amortized_cost_text,
            cast(usage_quantity as decimal(38, 12)) as usage_quantity,
            cast(usage_quantity_text as string) as usage_quantity_text,
            cast(usage_quantity_unit as string) as usage_quantity_unit,
            cast(extra_columns as string) as extra_columns,
            cast(request_window_start_utc as timestamp) as request_window_start_utc,
            cast(request_window_end_utc as timestamp) as request_window_end_utc,
            cast(page_cursor as string) as page_cursor,
            cast(received_at_utc as timestamp) as received_at_utc,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
