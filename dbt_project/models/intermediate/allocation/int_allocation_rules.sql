{#- Rules as allocation reads them: the provider's id instead of its spelling, names in lower case, shares as whole
    numbers. Rows of one rule with the same scope are one version of it. -#}
{%- set version = [
    "rule_id",
    "priority",
    "method",
    "provider_id",
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "model_id",
    "service_name",
    "charge_category",
    "tag",
    "environment",
    "source_type",
    "source_id",
    "basis_metric",
    "basis_scope",
    "basis_provider_id",
    "basis_period",
] %}

with
    rules as (
        select
            rules.rule_id,
            rules.rule_name,
            coalesce(rules.priority, 100) as priority,
            rules.method,
            case
                when rules.provider_name is not null then coalesce(aliases.provider_id, lower(rules.provider_name))
            end as provider_id,
            {{ account_at("rules.account_id", "aliases.provider_id") }} as account_id,
            {{ account_of("rules.project_id") }} as project_id,
            {{ account_of("rules.workspace_id") }} as workspace_id,
            rules.api_key_id,
            lower(rules.model) as model_id,
            lower(rules.service) as service_name,
            rules.charge_category,
            rules.tag,
            rules.environment,
            rules.source_type,
            rules.source_id,
            rules.basis as basis_metric,
            case
                when rules.basis_source is null
                then 'own'
                when lower(rules.basis_source) = 'all'
                then 'all'
                else 'provider'
            end as basis_scope,
            coalesce(basis_aliases.provider_id, lower(rules.basis_source)) as basis_provider_id,
            coalesce(rules.basis_period, 'day') as basis_period,
            rules.target_type,
            rules.target_id,
            case
                when rules.method in ('direct', 'even')
                then cast(1 as {{ whole_type() }})
                when rules.method <> 'proportional'
                then {{ to_units("coalesce(rules.weight, rules.percent, rules.amount_usd)") }}
            end as share_weight,
            rules.amount_usd,
            rules.percent,
            coalesce(rules.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
            coalesce(rules.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc
        from
            {{ ref("stg_org__allocation_rules") }} as rules
            {{ join_provider("lower(rules.provider_name)") }}
            {{ join_provider("lower(rules.basis_source)", "basis_aliases") }}
    )

select {{ surrogate_key(version) }} as rule_version_key, rules.*
from rules
