{#- The rule that takes in what nobody owns, per scope and day: fixed amounts first (`fixed`), then one of the other
    rules (`rest`). Of several the lowest priority number decides, then the id. A proportional rule without any usage to
    divide by on that day (or in that month) leaves the money to the next. -#}
with
    days as (
        select distinct scope_key, usage_date
        from {{ ref("int_portions_owned") }}
        where allocation_stage = 'unallocated' and amount_usd is not null
    ),

    periods as (
        select distinct
            rule_version_key,
            rule_id,
            priority,
            method,
            basis_period,
            target_type,
            target_id,
            valid_from_utc,
            valid_to_utc
        from {{ ref("int_allocation_rules") }}
    ),

    usable as (
        select distinct
            days.scope_key,
            days.usage_date,
            periods.rule_version_key,
            periods.rule_id,
            periods.priority,
            case when periods.method = 'fixed_amount' then 'fixed' else 'rest' end as pass
        from days
        inner join {{ ref("int_rule_scopes") }} as scopes on scopes.scope_key = days.scope_key
        inner join
            periods
            on periods.rule_version_key = scopes.rule_version_key
            and {{ valid_on("periods", "days.usage_date") }}
        left join
            {{ ref("int_rule_basis") }} as basis
            on basis.rule_version_key = periods.rule_version_key
            and basis.target_type = periods.target_type
            and basis.target_id = periods.target_id
            and basis.period_start_date = {{ period_start("periods.basis_period", "days.usage_date") }}
        where periods.method <> 'proportional' or basis.basis_weight is not null
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by scope_key, usage_date, pass order by priority, rule_id, rule_version_key
            ) as rule_rank
        from usable
    )

select scope_key, usage_date, pass, rule_version_key
from ranked
where rule_rank = 1
