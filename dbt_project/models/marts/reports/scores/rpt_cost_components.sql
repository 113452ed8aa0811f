{#- Classical additive decomposition with the period of a week, of the newest run. -#}
select
    series_id,
    scope_type,
    scope_id,
    {{ series_cost_kind() }} as cost_kind,
    usage_date,
    observed_cost_usd,
    trend_cost_usd,
    seasonal_cost_usd,
    residual_cost_usd,
    model_name,
    model_version,
    scored_at_utc
from {{ source("ml", "cost_components") }}
