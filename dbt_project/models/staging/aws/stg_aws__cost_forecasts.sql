with
    source as (select * from {{ source("raw_aws", "cost_forecasts") }}),

    renamed as (
        select
            cast(granularity as string) as granularity,
            cast(metric as string) as metric,
            cast(period_start_date as date) as period_start_date,
            cast(period_end_date as date) as period_end_date,
            cast(mean_cost as decimal(38, 12)) as mean_cost,
            cast(mean_cost_text as string) as mean_cost_text,
            cast(lower_cost as decimal(38, 12)) as lower_cost,
            cast(upper_cost as decimal(38, 12)) as upper_cost,
            cast(interval_level_pct as bigint) as interval_level_pct,
            cast(currency as string) as currency,
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
