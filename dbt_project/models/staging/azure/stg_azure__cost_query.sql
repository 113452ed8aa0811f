with
    source as (select * from {{ source("raw_azure", "cost_query") }}),

    renamed as (
        select
            cast(scope as string) as scope,
            cast(query_type as string) as query_type,
            cast(usage_date as date) as usage_date,
            cast(billing_month as date) as billing_month,
            cast(cost as decimal(38, 12)) as cost,
            cast(cost_text as string) as cost_text,
            cast(cost_usd as decimal(38, 12)) as cost_usd,
            cast(cost_usd_text as string) as cost_usd_text,
            cast(usage_quantity as decimal(38, 12)) as usage_quantity,
            cast(currency as string) as currency,
            cast(service_name as string) as service_name,
            cast(meter_category as string) as meter_category,
            cast(meter_sub_category as string) as meter_sub_category,
            cast(meter as string) as meter,
            cast(resource_id as string) as resource_id,
            cast(resource_group_name as string) as resource_group_name,
            cast(subscription_id as string) as subscription_id,
            cast(tag_key as string) as tag_key,
            cast({{ without_people("tag_value") }} as string) as tag_value,
            cast(group_by as string) as group_by,
            cast(dimensions as string) as dimensions,
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
