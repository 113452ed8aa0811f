{#- What proportional rules divide by: per rule, target and day (or month) the usage or spend of that target, in the
    rule's own scope, at one provider, or everywhere. GPU seconds are those of the workload with the target's id. -#}
with
    targets as (
        select distinct
            rule_version_key, basis_metric, basis_scope, basis_provider_id, basis_period, target_type, target_id
        from {{ ref("int_allocation_rules") }}
        where method = 'proportional'
    ),

    used as (
        {%- for type, column in [
            ("team", "team_id"),
            ("project", "coalesce(owner_project_id, project_id)"),
            ("feature", "feature"),
            ("customer", "customer_id"),
            ("cost_center", "cost_center_id"),
        ] %}
            select
                usage_date,
                scope_key,
                provider_id,
                '{{ type }}' as target_type,
                {{ column }} as target_id,
                sum(input_tokens) as input_tokens,
                sum(output_tokens) as output_tokens,
                sum(request_count) as request_count,
                {{ money_sum("metered_cost_usd") }} as metered_cost_usd
            from {{ lines_to_allocate() }} as lines
            where
                spend_item_type = 'usage'
                and {{ column }} in (select target_id from targets where target_type = '{{ type }}')
            group by 1, 2, 3, 4, 5 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    -- What each target carries of its own before rules share anything out, bills and usage alike.
    carried as (
        {%- for type, column in [
            ("team", "team_id"),
            ("project", "owner_project_id"),
            ("feature", "feature"),
            ("customer", "customer_id"),
            ("cost_center", "cost_center_id"),
        ] %}
            select
                portions.usage_date,
                portions.scope_key,
                lines.provider_id,
                '{{ type }}' as target_type,
                portions.{{ column }} as target_id,
                {{ money_sum("portions.amount_usd") }} as spend_usd
            from {{ ref("int_portions_owned") }} as portions
            inner join {{ lines_to_allocate() }} as lines on lines.spend_item_key = portions.spend_item_key
            where
                portions.allocation_stage in ('ownership', 'usage_evidence')
                and portions.{{ column }}
                in (select target_id from targets where target_type = '{{ type }}' and basis_metric = 'spend_usd')
            group by 1, 2, 3, 4, 5 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    metered as (
        select
            targets.rule_version_key,
            targets.basis_metric,
            targets.basis_period,
            targets.target_type,
            targets.target_id,
            used.usage_date,
            cast(
                case
                    targets.basis_metric
                    when 'input_tokens'
                    then coalesce(used.input_tokens, 0)
                    when 'output_tokens'
                    then coalesce(used.output_tokens, 0)
                    when 'total_tokens'
                    then coalesce(used.input_tokens, 0) + coalesce(used.output_tokens, 0)
                    when 'request_count'
                    then coalesce(used.request_count, 0)
                    else coalesce(used.metered_cost_usd, 0)
                end as decimal(38, 12)
            ) as quantity
        from targets
        inner join used on used.target_type = targets.target_type and used.target_id = targets.target_id
        left join
            {{ ref("int_rule_scopes") }} as scopes
            on scopes.rule_version_key = targets.rule_version_key
            and scopes.scope_key = used.scope_key
        where
            targets.basis_metric not in ('gpu_seconds', 'spend_usd')
            and (
                targets.basis_scope = 'all'
                or (targets.basis_scope = 'own' and scopes.scope_key is not null)
                or (targets.basis_scope = 'provider' and used.provider_id = targets.basis_provider_id)
            )
        union all
        select
            targets.rule_version_key,
            targets.basis_metric,
            targets.basis_period,
            targets.target_type,
            targets.target_id,
            carried.usage_date,
            carried.spend_usd
        from targets
        inner join carried on carried.target_type = targets.target_type and carried.target_id = targets.target_id
        left join
            {{ ref("int_rule_scopes") }} as scopes
            on scopes.rule_version_key = targets.rule_version_key
            and scopes.scope_key = carried.scope_key
        where
            targets.basis_metric = 'spend_usd'
            and (
                targets.basis_scope = 'all'
                or (targets.basis_scope = 'own' and scopes.scope_key is not null)
                or (targets.basis_scope = 'provider' and carried.provider_id = targets.basis_provider_id)
            )
        union all
        select
            targets.rule_version_key,
            targets.basis_metric,
            targets.basis_period,
            targets.target_type,
            targets.target_id,
            gpus.usage_date,
            cast(gpus.used_seconds as decimal(38, 12))
        from targets
        inner join {{ ref("int_gpu_usage_hourly") }} as gpus on gpus.workload = targets.target_id
        where
            targets.basis_metric = 'gpu_seconds'
            and gpus.usage_date in (select usage_date from {{ ref("int_allocation_rebuild_days") }})
    ),

    summed as (
        select
            rule_version_key,
            basis_metric,
            target_type,
            target_id,
            basis_period,
            case when basis_period = 'month' then {{ month_of("usage_date") }} else usage_date end as period_start_date,
            cast(sum(quantity) as decimal(38, 12)) as basis_quantity
        from metered
        group by 1, 2, 3, 4, 5, 6
    )

select
    rule_version_key,
    target_type,
    target_id,
    basis_period,
    period_start_date,
    basis_quantity,
    case
        when basis_metric in ('metered_cost_usd', 'spend_usd', 'gpu_seconds')
        then {{ to_units("basis_quantity") }}
        else cast(basis_quantity as {{ whole_type() }})
    end as basis_weight
from summed
where basis_quantity > 0
