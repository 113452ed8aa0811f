select strategy, version, result, reason, recommendation_count, scored_at_utc
from {{ source("ml", "strategy_results") }}
