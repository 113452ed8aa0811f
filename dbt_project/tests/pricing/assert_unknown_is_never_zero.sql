{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
select usage_hourly_key, meter, quantity, contracted_cost_usd, unpriced_reason
from {{ ref("fct_llm_usage_hourly") }}
where {{ newest_days("usage_date") }} and (unpriced_reason is null) <> (contracted_cost_usd is not null)
