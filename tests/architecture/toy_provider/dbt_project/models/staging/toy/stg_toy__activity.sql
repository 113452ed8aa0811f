select
    'api/toy' as event_source,
    'toy' as provider_name,
    cast(usage_date as timestamp) as usage_hour_utc,
    cast(usage_date as date) as usage_date,
    cast(model as string) as model,
    cast(input_tokens as bigint) as uncached_input_tokens,
    cast(output_tokens as bigint) as output_tokens,
    cast(requests as bigint) as request_count,
    cast(usage_date as timestamp) as charge_period_start_utc,
    cast(usage_date as timestamp) + interval '1' day as charge_period_end_utc,
    cast(cost as decimal(38, 12)) as billed_cost,
    cast(cost_text as string) as billed_cost_text,
    cast(_source_file_id as bigint) as _source_file_id,
    cast(_source_row as bigint) as _source_row
from {{ source("raw_toy", "activity") }}
