{# Forecasts stay what a model said; the actual figure stands beside them once the day has been observed. #}
with
    selected as (select * from {{ source("ml", "cost_forecasts") }} where is_selected),

    newest_runs as (select scope_type, scope_id, max(scored_at_utc) as scored_at_utc from selected group by 1, 2),

    actuals as (select * from {{ ref("rpt_spend_series_daily") }}),

    joined as (
        select
            selected.forecast_run_id,
            selected.series_id,
            selected.scope_type,
            selected.scope_id,
            {{ series_cost_kind("selected") }} as cost_kind,
            selected.forecast_date,
            selected.scored_at_utc = newest_runs.scored_at_utc as is_latest_run,
            cast(selected.horizon_days as bigint) as horizon_days,
            cast(selected.predicted_cost_usd as decimal(38, 12)) as predicted_cost_usd,
            cast(selected.lower_cost_usd as decimal(38, 12)) as lower_cost_usd,
            cast(selected.upper_cost_usd as decimal(38, 12)) as upper_cost_usd,
            cast(selected.lower_95_cost_usd as decimal(38, 12)) as lower_95_cost_usd,
            cast(selected.upper_95_cost_usd as decimal(38, 12)) as upper_95_cost_usd,
            cast(selected.interval_coverage as double) as interval_coverage_ratio,
            actuals.spend_usd as actual_spend_usd,
            selected.trained_through_date,
            selected.model_name,
            selected.model_version,
            selected.scored_at_utc
        from selected
        inner join
            newest_runs on newest_runs.scope_type = selected.scope_type and newest_runs.scope_id = selected.scope_id
        left join
            actuals
            on actuals.scope_type = selected.scope_type
            and actuals.scope_id = selected.scope_id
            and actuals.usage_date = selected.forecast_date
    )

select
    *,
    cast(actual_spend_usd - predicted_cost_usd as decimal(38, 12)) as forecast_error_usd,
    actual_spend_usd between lower_cost_usd and upper_cost_usd as is_within_interval,
    actual_spend_usd between lower_95_cost_usd and upper_95_cost_usd as is_within_interval_95
from joined
