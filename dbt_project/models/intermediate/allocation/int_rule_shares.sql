{#- What each target of a rule gets on a day on which the rule is used, as whole weights. -#}
with days as (select distinct rule_version_key, usage_date from {{ ref("int_rule_days") }})

select
    days.rule_version_key,
    days.usage_date,
    rules.rule_id,
    rules.method,
    rules.target_type,
    rules.target_id,
    case
        when rules.method = 'proportional'
        then rules.basis_metric
        when rules.method = 'fixed_percent'
        then 'percent'
        when rules.method = 'fixed_amount'
        then 'amount_usd'
        when rules.method = 'weighted'
        then 'weight'
    end as basis_metric,
    case
        when rules.method = 'proportional'
        then basis.basis_quantity
        when rules.method in ('fixed_percent', 'fixed_amount', 'weighted')
        then {{ from_units("rules.share_weight") }}
    end as basis_quantity,
    coalesce(basis.basis_weight, rules.share_weight) as weight
from days
inner join
    {{ ref("int_allocation_rules") }} as rules
    on rules.rule_version_key = days.rule_version_key
    and {{ valid_on("rules", "days.usage_date") }}
left join
    {{ ref("int_rule_basis") }} as basis
    on basis.rule_version_key = rules.rule_version_key
    and basis.target_type = rules.target_type
    and basis.target_id = rules.target_id
    and basis.period_start_date = {{ period_start("rules.basis_period", "days.usage_date") }}
where coalesce(basis.basis_weight, rules.share_weight) > 0
