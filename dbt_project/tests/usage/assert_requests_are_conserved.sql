{{ config(meta={"dagster": {"ref": {"name": "fct_llm_requests"}}}) }}
with
    landed as (
        select cast(requested_at_utc as date) as usage_date, count(*) as request_count
        from {{ ref("stg_events__requests") }}
        group by 1
    ),

    requests as (select usage_date, count(*) as request_count from {{ ref("fct_llm_requests") }} group by 1),

    hourly as (
        select usage_date, sum(request_count) as request_count
        from {{ ref("fct_llm_usage_hourly") }}
        where meter = 'request' and not is_unseen
        group by 1
    )

select
    coalesce(landed.usage_date, hourly.usage_date) as usage_date,
    landed.request_count as landed_count,
    requests.request_count as fact_count,
    hourly.request_count as hourly_count
from landed
full outer join hourly on hourly.usage_date = landed.usage_date
full outer join requests on requests.usage_date = coalesce(landed.usage_date, hourly.usage_date)
where
    landed.request_count is distinct from requests.request_count
    or (
        landed.request_count is distinct from hourly.request_count
        and coalesce(landed.usage_date, hourly.usage_date)
        not in (select usage_date from {{ ref("int_report_coverage") }})
        and (
            landed.usage_date is not null
            or hourly.usage_date not in (select usage_date from {{ ref("int_usage_reported") }})
        )
    )
