{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
with
    landed as (
        select
            cast(requested_at_utc as date) as usage_date,
            sum({{ token_total("input") }} + {{ token_total("output") }}) as tokens
        from {{ ref("stg_events__requests") }}
        group by 1
    ),

    hourly as (
        select usage_date, sum(quantity) as tokens
        from {{ ref("fct_llm_usage_hourly") }}
        where is_token and event_source not like 'api/%'
        group by 1
    )

select landed.usage_date, landed.tokens as landed_tokens, hourly.tokens as hourly_tokens
from landed
full outer join hourly on hourly.usage_date = landed.usage_date
where
    coalesce(landed.tokens, 0) <> coalesce(hourly.tokens, 0)
    and coalesce(landed.usage_date, hourly.usage_date) not in (select usage_date from {{ ref("int_report_coverage") }})
