with
    source as (select * from {{ source("raw_azure", "metrics") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as usage_hour_utc,
            cast(resource_id as string) as resource_id,
            cast(metric as string) as metric,
            cast(unit as string) as unit,
            cast(interval as string) as interval,
            cast(aggregation as string) as aggregation,
            cast(model_deployment_name as string) as model_deployment_name,
            cast(model_name as string) as model_name,
            cast(model_version as string) as model_version,
            cast(region as string) as region,
            cast(api_name as string) as api_name,
            cast(feature_name as string) as feature_name,
            cast(usage_channel as string) as usage_channel,
            cast(status_code as string) as status_code,
            cast(is_spillover as string) as is_spillover,
            cast(service_tier_request as string) as service_tier_request,
            cast(service_tier_response as string) as service_tier_response,
            cast(dimensions as string) as dimensions,
            cast(quantity as decimal(38, 12)) as quantity,
            cast(quantity_text as string) as quantity_text,
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
