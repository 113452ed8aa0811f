with source as (
    select * from {{ source('raw_ledger', 'quarantine') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(file_path as varchar) as file_path,
        cast(_source_file_id as bigint) as _source_file_id,
        cast(row_number as bigint) as row_number,
        cast(field as varchar) as field,
        cast(reason as varchar) as reason,
        cast(message as varchar) as message,
        cast(original_record as varchar) as original_record,
        cast(quarantined_at_utc as timestamp) as quarantined_at_utc
    from source
)

select * from renamed
