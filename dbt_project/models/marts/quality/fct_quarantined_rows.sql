select
    cast(null as varchar) as source,
    cast(null as varchar) as file_path,
    cast(null as bigint) as row_number,
    cast(null as varchar) as field,
    cast(null as varchar) as reason,
    cast(null as varchar) as message,
    cast(null as varchar) as original_record,
    cast(null as timestamp) as quarantined_at_utc
where false
