{#- The newest forecast of every series, a year of days with all quantiles; days of different series add up in the
    forecast, never in a quantile. -#}
select
    series_id,
    scope_type,
    scope_id,
    {{ series_cost_kind() }} as cost_kind,
    forecast_date,
    horizon_days,
    predicted_cost_usd,
    scheduled_cost_usd,
    predicted_tokens,
    q025_cost_usd,
    q05_cost_usd,
    q10_cost_usd,
    q25_cost_usd,
    q75_cost_usd,
    q90_cost_usd,
    q95_cost_usd,
    q975_cost_usd,
    model_name,
    model_version,
    scored_at_utc
from {{ source("ml", "cost_outlooks") }}
