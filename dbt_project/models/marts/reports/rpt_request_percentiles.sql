{#
  Percentiles are of successful requests that reached a provider; failed ones are counted beside them. A percentile
  is a value that occurred (see the macro), and a day's percentiles cannot be averaged into a month's.
#}
{% set measures = {
    'contracted_cost_usd': 'decimal(38, 12)', 'total_tokens': 'bigint', 'duration_ms': 'bigint'
} %}
with requests as (
    select
        *,
        coalesce(status, 'ok') = 'error' as is_failed
    from {{ ref('fct_llm_requests') }}
    where coalesce(is_billable, true)
),

daily as (
    select
        usage_date,
        provider_id,
        model_id,
        cast(count(*) as bigint) as request_count,
        cast(sum(case when is_failed then 1 else 0 end) as bigint) as failed_request_count,
        cast(sum(case when unpriced_meter_count = 0 then 1 else 0 end) as bigint) as priced_request_count
        {%- for measure, data_type in measures.items() %}
        {%- for percent in [50, 90, 95, 99] %},
        cast(
            {{ percentile_exact('case when not is_failed then ' ~ measure ~ ' end', percent / 100) }}
            as {{ data_type }}
        ) as {{ measure }}_p{{ percent }}
        {%- endfor %}
        {%- endfor %}
    from requests
    group by 1, 2, 3
)

select
    {{ surrogate_key(['usage_date', 'provider_id', 'model_id']) }} as request_percentiles_key,
    *
from daily
