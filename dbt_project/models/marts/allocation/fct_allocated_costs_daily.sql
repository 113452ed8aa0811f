{#- Who carries the spend, of all days: int_allocated_costs_daily without the fingerprints that it is kept by. -#}
{{ config(materialized='view') }}

select
    allocated_cost_key, spend_item_key, usage_date, spend_item_type, provider_id, account_id, project_id, workspace_id,
    api_key_id, user_id, customer_id, feature, environment, model_id, charge_category, service_name, tags, cost_kind, team_id,
    owner_project_id, cost_center_id, allocation_stage, allocation_method, rule_id, basis_metric, basis_quantity,
    evidence_coverage, allocated_ratio, allocated_cost_usd, cost_basis, list_cost_usd, spend_item_count,
    unknown_cost_item_count, request_count, input_tokens, output_tokens
from {{ ref('int_allocated_costs_daily') }}
