with source as (
    select * from {{ source('raw_aws', 'pulls') }}
),

renamed as (
    select
        cast(endpoint as varchar) as endpoint,
        cast(usage_date as date) as usage_date,
        cast(status as varchar) as status,
        cast(row_count as bigint) as row_count,
        cast(bucket_count as bigint) as bucket_count,
        cast(first_pulled_at_utc as timestamp) as first_pulled_at_utc,
        cast(last_pulled_at_utc as timestamp) as last_pulled_at_utc,
        cast(restatement_count as bigint) as restatement_count,
        cast(restated_amount_change as decimal(38, 12)) as restated_amount_change,
        cast(restated_quantity_change as decimal(38, 12)) as restated_quantity_change,
        cast(amount as decimal(38, 12)) as amount,
        cast(quantity as decimal(38, 12)) as quantity,
        cast(reason as varchar) as reason,
        cast(_source_file_id as bigint) as _source_file_id,
        cast(_source_row as bigint) as _source_row,
        cast(_loaded_at_utc as timestamp) as _loaded_at_utc
    from source
)

select * from renamed
