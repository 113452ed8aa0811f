{#- What a cloud itself expects of the months ahead, as its newest answer has it: to hold against our own, never a
    charge. -#}
with
    answers as (
        select
            *,
            row_number() over (
                partition by metric, granularity, currency, period_start_date
                order by received_at_utc desc, _source_file_id desc, _source_row desc
            ) as newest
        from {{ ref("stg_aws__cost_forecasts") }}
    )

select
    'aws' as provider_id,
    metric,
    period_start_date,
    period_end_date,
    currency as billing_currency,
    mean_cost,
    lower_cost,
    upper_cost,
    interval_level_pct,
    received_at_utc
from answers
where newest = 1
