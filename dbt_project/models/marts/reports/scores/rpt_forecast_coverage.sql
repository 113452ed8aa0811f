{#- Whether published intervals hold what they promise: 80 and 95 of 100 days. -#}
with
    observed as (
        select
            *,
            case
                when horizon_days <= 7 then '1-7' when horizon_days <= 14 then '8-14' else '15-30'
            end as horizon_bucket
        from {{ ref("rpt_cost_forecast") }}
        where
            actual_spend_usd is not null
            -- The newest day observed may be partial; what a run learnt from is whole.
            and forecast_date <= (select max(trained_through_date) from {{ ref("rpt_cost_forecast") }})
    )

select
    scope_type,
    horizon_bucket,
    count(*) as day_count,
    {{ ratio("count(case when is_within_interval then 1 end)", "count(*)") }} as covered_80_ratio,
    {{ ratio("count(case when is_within_interval_95 then 1 end)", "count(is_within_interval_95)") }}
    as covered_95_ratio,
    {{ money_sum("abs(forecast_error_usd)") }} as absolute_error_usd,
    {{ ratio("sum(abs(forecast_error_usd))", "sum(abs(actual_spend_usd))") }} as wape_ratio,
    {{ ratio("-sum(forecast_error_usd)", "sum(abs(actual_spend_usd))") }} as bias_ratio
from observed
group by 1, 2
