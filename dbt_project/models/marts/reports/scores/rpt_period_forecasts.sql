{#- Where periods will end, by the newest run. Quantiles are those of the sum, no sums of
    quantiles. -#}
with newest as (select max(scored_at_utc) as scored_at_utc from {{ source("ml", "period_forecasts") }})

select
    forecasts.series_id,
    forecasts.scope_type,
    forecasts.scope_id,
    {{ series_cost_kind("forecasts") }} as cost_kind,
    forecasts.period_type,
    forecasts.period_start_date,
    forecasts.period_end_date,
    forecasts.actual_cost_usd,
    forecasts.remaining_cost_usd,
    forecasts.forecast_cost_usd,
    forecasts.q025_cost_usd,
    forecasts.q05_cost_usd,
    forecasts.q10_cost_usd,
    forecasts.q25_cost_usd,
    forecasts.q75_cost_usd,
    forecasts.q90_cost_usd,
    forecasts.q95_cost_usd,
    forecasts.q975_cost_usd,
    forecasts.run_rate_cost_usd,
    forecasts.previous_cost_usd,
    forecasts.growth_ratio,
    forecasts.recommended_budget_usd,
    forecasts.model_name,
    forecasts.model_version,
    forecasts.scored_at_utc
from {{ source("ml", "period_forecasts") }} as forecasts
inner join newest on newest.scored_at_utc = forecasts.scored_at_utc
