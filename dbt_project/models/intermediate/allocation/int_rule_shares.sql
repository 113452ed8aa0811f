{#- What each target of a rule gets on a day, as whole weights: a fixed share, or for proportional rules the usage or
    spend of that target on the day (or in its month), in the rule's own scope, at one provider, or everywhere. GPU
    seconds are those of the workload with the target's id. Without anything to divide by there is no row. -#}
{%- set targets_of_lines = [
    ("team", "team_id"),
    ("project", "owner_project_id"),
    ("feature", "feature"),
    ("customer", "customer_id"),
    ("cost_center", "cost_center_id"),
] %}

with
    rules as (select * from {{ ref("int_allocation_rules") }}),

    targets as (
        select distinct
            rule_version_key, basis_metric, basis_scope, basis_provider_id, basis_period, target_type, target_id
        from rules
        where method = 'proportional'
    ),

    -- Usage by target, and what each target carries of its own before rules share anything out, bills and usage alike.
    amounts as (
        {%- for type, column in targets_of_lines %}
            select
                usage_date,
                scope_key,
                provider_id,
                '{{ type }}' as target_type,
                {{ "coalesce(owner_project_id, project_id)" if type == "project" else column }} as target_id,
                sum(coalesce(input_tokens, 0)) as input_tokens,
                sum(coalesce(output_tokens, 0)) as output_tokens,
                sum(coalesce(request_count, 0)) as request_count,
                {{ money_sum("coalesce(metered_cost_usd, 0)") }} as metered_cost_usd,
                cast(null as decimal(38, 12)) as spend_usd
            from {{ lines_to_allocate() }} as lines
            where
                spend_item_type = 'usage'
                and {{ "coalesce(owner_project_id, project_id)" if type == "project" else column }}
                in (select target_id from targets where target_type = '{{ type }}' and basis_metric <> 'spend_usd')
            group by 1, 2, 3, 4, 5
            union all
            select
                portions.usage_date,
                portions.scope_key,
                lines.provider_id,
                '{{ type }}',
                portions.{{ column }},
                cast(null as bigint),
                cast(null as bigint),
                cast(null as bigint),
                cast(null as decimal(38, 12)),
                {{ money_sum("portions.amount_usd") }}
            from {{ ref("int_portions_owned") }} as portions
            inner join {{ lines_to_allocate() }} as lines on lines.spend_item_key = portions.spend_item_key
            where
                portions.allocation_stage in ('ownership', 'usage_evidence')
                and portions.{{ column }}
                in (select target_id from targets where target_type = '{{ type }}' and basis_metric = 'spend_usd')
            group by 1, 2, 3, 4, 5 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    measured as (
        select
            targets.*,
            amounts.usage_date,
            case
                targets.basis_metric
                when 'input_tokens'
                then cast(amounts.input_tokens as decimal(38, 12))
                when 'output_tokens'
                then cast(amounts.output_tokens as decimal(38, 12))
                when 'total_tokens'
                then cast(amounts.input_tokens + amounts.output_tokens as decimal(38, 12))
                when 'request_count'
                then cast(amounts.request_count as decimal(38, 12))
                when 'spend_usd'
                then amounts.spend_usd
                else amounts.metered_cost_usd
            end as quantity
        from targets
        inner join amounts on amounts.target_type = targets.target_type and amounts.target_id = targets.target_id
        left join
            {{ ref("int_rule_scopes") }} as scopes
            on scopes.rule_version_key = targets.rule_version_key
            and scopes.scope_key = amounts.scope_key
        where
            targets.basis_metric <> 'gpu_seconds'
            and (
                targets.basis_scope = 'all'
                or (targets.basis_scope = 'own' and scopes.scope_key is not null)
                or (targets.basis_scope = 'provider' and amounts.provider_id = targets.basis_provider_id)
            )
        union all
        select targets.*, gpus.usage_date, cast(gpus.used_seconds as decimal(38, 12))
        from targets
        inner join {{ ref("int_gpu_usage_hourly") }} as gpus on gpus.workload = targets.target_id
        where
            targets.basis_metric = 'gpu_seconds'
            and gpus.usage_date in (select usage_date from {{ ref("int_allocation_rebuild_days") }})
    ),

    basis as (
        select
            rule_version_key,
            basis_metric,
            target_type,
            target_id,
            {{ period_start("basis_period", "usage_date") }} as period_start_date,
            cast(sum(quantity) as decimal(38, 12)) as basis_quantity
        from measured
        group by 1, 2, 3, 4, 5
        having sum(quantity) > 0
    ),

    days as (select usage_date from {{ ref("int_allocation_rebuild_days") }})

select
    rules.rule_version_key,
    days.usage_date,
    rules.rule_id,
    rules.priority,
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
    coalesce({{ basis_weight("basis") }}, rules.share_weight) as weight
from rules
inner join days on {{ valid_on("rules", "days.usage_date") }}
left join
    basis
    on basis.rule_version_key = rules.rule_version_key
    and basis.target_type = rules.target_type
    and basis.target_id = rules.target_id
    and basis.period_start_date = {{ period_start("rules.basis_period", "days.usage_date") }}
where
    rules.method not in ('waterfall', 'reciprocal', 'overhead')
    and coalesce({{ basis_weight("basis") }}, rules.share_weight) > 0
