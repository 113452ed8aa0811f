{#- Every model beside the published one, by the newest run. -#}
with newest as (select max(scored_at_utc) as scored_at_utc from {{ source("ml", "forecast_accuracy") }})

select
    accuracy.series_id,
    accuracy.scope_type,
    accuracy.scope_id,
    {{ series_cost_kind("accuracy") }} as cost_kind,
    accuracy.model_name,
    accuracy.model_version,
    accuracy.is_selected as is_published,
    accuracy.backtest_folds,
    accuracy.mae_usd,
    accuracy.wape_ratio,
    accuracy.mase_ratio,
    accuracy.bias_ratio,
    accuracy.selection_reason,
    accuracy.scored_at_utc
from {{ source("ml", "forecast_accuracy") }} as accuracy
inner join newest on newest.scored_at_utc = accuracy.scored_at_utc
