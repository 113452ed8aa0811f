select
    {{ surrogate_key(['rule_version_key', 'target_type', 'target_id', 'valid_from_utc', 'valid_to_utc']) }} as allocation_rule_key,
    rule_id, rule_name, method, cast(priority as decimal(38, 12)) as priority, provider_id, account_id, project_id, workspace_id,
    api_key_id, model_id, service_name, charge_category, tag, environment, source_type, source_id, basis_metric, basis_scope,
    case when basis_scope = 'provider' then basis_provider_id end as basis_provider_id,
    case when method = 'proportional' then basis_period end as basis_period,
    target_type, target_id,
    case when method in ('weighted', 'waterfall', 'reciprocal') then {{ from_units('share_weight') }} end as weight,
    percent, amount_usd, valid_from_utc, valid_to_utc, {{ valid_on('rules', today()) }} as is_current
from {{ ref('int_allocation_rules') }} as rules
