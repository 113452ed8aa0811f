select
    verified.recommendation_id,
    verified.strategy,
    snapshots.title,
    verified.status,
    verified.method,
    verified.implemented_date,
    verified.measured_from_date,
    verified.measured_through_date,
    cast(verified.counterfactual_cost_usd as decimal(38, 12)) as counterfactual_cost_usd,
    cast(verified.actual_cost_usd as decimal(38, 12)) as actual_cost_usd,
    cast(verified.realised_saving_usd as decimal(38, 12)) as realised_saving_usd,
    cast(verified.realised_lower_usd as decimal(38, 12)) as realised_lower_usd,
    cast(verified.realised_upper_usd as decimal(38, 12)) as realised_upper_usd,
    cast(verified.expected_saving_usd as decimal(38, 12)) as expected_saving_usd,
    cast(verified.newest_saving_usd as decimal(38, 12)) as newest_saving_usd,
    verified.reason,
    verified.model_name,
    verified.model_version,
    verified.scored_at_utc
from {{ source("ml", "verified_savings") }} as verified
left join
    {{ source("ml", "recommendation_snapshots") }} as snapshots
    on snapshots.recommendation_id = verified.recommendation_id
