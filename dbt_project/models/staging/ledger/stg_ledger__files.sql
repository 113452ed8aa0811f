with source as (
    select * from {{ source('raw_ledger', 'files') }}
),

renamed as (
    select
        cast(file_id as bigint) as file_id,
        cast(path as varchar) as path,
        cast(source_format as varchar) as source_format,
        cast(size_bytes as bigint) as size_bytes,
        cast(modified_at_utc as timestamp) as modified_at_utc,
        cast(content_hash as varchar) as content_hash,
        cast(row_count as bigint) as row_count,
        cast(quarantined_row_count as bigint) as quarantined_row_count,
        cast(period_key as varchar) as period_key,
        cast(is_superseded as boolean) as is_superseded,
        cast(landed_at_utc as timestamp) as landed_at_utc
    from source
)

select * from renamed
