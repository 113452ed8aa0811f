with
    source as (select * from {{ source("raw_gpu", "served_tokens") }}),

    renamed as (
        select
            cast(hour_start_utc as timestamp) as hour_start_utc,
            cast(host as string) as host,
            cast({{ without_people("namespace") }} as string) as namespace,
            cast({{ without_people("workload") }} as string) as workload,
            cast(model_name as string) as model_name,
            cast(prompt_tokens as decimal(38, 12)) as prompt_tokens,
            cast(generation_tokens as decimal(38, 12)) as generation_tokens,
            cast(request_count as decimal(38, 12)) as request_count,
            cast(prefill_seconds as decimal(38, 12)) as prefill_seconds,
            cast(decode_seconds as decimal(38, 12)) as decode_seconds,
            cast(_source_file_id as bigint) as _source_file_id,
            cast(_source_row as bigint) as _source_row,
            cast(_loaded_at_utc as timestamp) as _loaded_at_utc
        from source
    )

select *
from renamed
