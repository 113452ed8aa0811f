with source as (select * from {{ source("raw_openai", "usage") }} where endpoint = 'vector_stores')

select
    cast(date_trunc('hour', bucket_start_utc) as timestamp) as usage_hour_utc,
    cast(bucket_start_utc as date) as usage_date,
    cast(project_id as string) as project_id,
    cast(usage_bytes as bigint) as stored_bytes,
    cast(received_at_utc as timestamp) as received_at_utc,
    cast(_source_file_id as bigint) as _source_file_id,
    cast(_source_row as bigint) as _source_row,
    cast(_loaded_at_utc as timestamp) as _loaded_at_utc
from source
