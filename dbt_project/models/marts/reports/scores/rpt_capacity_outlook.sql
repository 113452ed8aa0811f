{#- What a model's endpoint has to bear: requests a day, and the busiest minute with half as much again. -#}
with
    newest as (select max(usage_date) as last_date from {{ ref("fct_llm_requests") }}),

    minutes as (
        select provider_id, model_id, date_trunc('minute', requested_at_utc) as minute_utc, count(*) as request_count
        from {{ ref("fct_llm_requests") }} as requests
        cross join newest
        where requests.usage_date > newest.last_date - 30
        group by 1, 2, 3
    ),

    peaks as (select provider_id, model_id, max(request_count) as busiest_minute_requests from minutes group by 1, 2)

select
    outlooks.provider_id,
    outlooks.model_id,
    outlooks.requests_per_day,
    outlooks.predicted_requests_per_day,
    outlooks.growth_ratio,
    peaks.busiest_minute_requests,
    cast(peaks.busiest_minute_requests as double) * 1.5 as peak_requests_per_minute,
    cast(peaks.busiest_minute_requests as double)
    * 1.5
    * (1 + coalesce(outlooks.growth_ratio, 0)) as predicted_peak_requests_per_minute,
    outlooks.model_name,
    outlooks.model_version,
    outlooks.scored_at_utc
from {{ source("ml", "capacity_outlooks") }} as outlooks
left join peaks on peaks.provider_id is not distinct from outlooks.provider_id and peaks.model_id = outlooks.model_id
