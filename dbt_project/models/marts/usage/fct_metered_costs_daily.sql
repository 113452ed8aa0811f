{{ config(materialized="view") }}
select
    usage_date,
    provider_id,
    project_id,
    api_key_id,
    team_id,
    customer_id,
    feature,
    environment,
    model_id,
    service_tier,
    cost_usd,
    request_count,
    error_count,
    input_tokens,
    {%- for kind in token_kinds() %} {{ kind }}_tokens, {{ kind }}_cost_usd {{- ',' if not loop.last }} {%- endfor %}
from {{ ref("int_metered_costs_daily") }}
