{#- Stage three: what nobody owns goes to the targets of the first rule that takes it in, fixed amounts per calendar
    month before the others. Each portion that a fixed rule takes in gives its share of the amounts; what the month has
    beyond them stays for the other rules. A month with less gives all it has, one with nothing or a credit gives
    nothing. Then what departments that serve others have been given so far goes on to those who carry it in the end:
    the shares were solved when the rules landed, over all rounds of mutual services, so one split is enough. -#}
{%- set columns = portion_columns() %}
{%- set split = columns | reject("in", ["amount_usd", "allocated_ratio"]) | list %}
{%- set services = ref("stg_org__service_shares") %}

with
    owned as (select * from {{ ref("int_portions_owned") }}),

    shares as (select * from {{ ref("int_rule_shares") }}),

    -- Only what a portion has that day: scopes that come on few days would meet the shares of all.
    open_scopes as (select distinct scope_key, usage_date from owned where allocation_stage = 'unallocated'),

    usable as (
        select distinct
            scopes.scope_key,
            shares.usage_date,
            shares.rule_version_key,
            shares.rule_id,
            shares.priority,
            case when shares.method = 'fixed_amount' then 'fixed' else 'rest' end as pass
        from shares
        inner join {{ ref("int_rule_scopes") }} as scopes on scopes.rule_version_key = shares.rule_version_key
        inner join
            open_scopes on open_scopes.scope_key = scopes.scope_key and open_scopes.usage_date = shares.usage_date
    ),

    -- The rule of each scope and day. Of several the lowest priority number decides, then the id; one that has nothing
    -- to divide by that day has no shares and leaves the money to the next.
    chosen as (
        select *
        from
            (
                select
                    *,
                    row_number() over (
                        partition by scope_key, usage_date, pass order by priority, rule_id, rule_version_key
                    ) as rule_rank
                from usable
            ) as ranked
        where rule_rank = 1
    ),

    under_fixed as ({{ portions_under_rules("owned", "chosen", "fixed") }}),

    months as (
        select rule_version_key, {{ month_of("usage_date") }} as month_start_date, sum(amount_usd) as spend_usd
        from under_fixed
        where rule_version_key is not null
        group by 1, 2
        having sum(amount_usd) > 0
    ),

    fixed_shares as (
        select
            rule_version_key, usage_date, rule_id, method, target_type, target_id, basis_metric, basis_quantity, weight
        from shares
        where method = 'fixed_amount'
        union all
        select
            shares.rule_version_key,
            shares.usage_date,
            cast(null as string),
            'rest',
            '',
            '',
            cast(null as string),
            cast(null as decimal(38, 12)),
            {{ to_units("max(months.spend_usd)") }} - sum(shares.weight)
        from shares
        inner join
            months
            on months.rule_version_key = shares.rule_version_key
            and months.month_start_date = {{ month_of("shares.usage_date") }}
        where shares.method = 'fixed_amount'
        group by 1, 2
        having {{ to_units("max(months.spend_usd)") }} > sum(shares.weight)
    ),

    fixed_parts as ({{ rule_parts("under_fixed", "fixed_shares", "months") }}),

    fixed as (
        select {{ columns | join(", ") }}
        from ({{ split_exactly("fixed_parts", "source_portion_key", "portion_key", "weight", split) }}) as split
        union all
        select {% for column in columns %} portions.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from under_fixed as portions
        left join
            months
            on months.rule_version_key = portions.rule_version_key
            and months.month_start_date = {{ month_of("portions.usage_date") }}
        where months.rule_version_key is null
    ),

    under_rest as ({{ portions_under_rules("fixed", "chosen", "rest") }}),

    rest_shares as (select * from shares where method <> 'fixed_amount'),

    rest_parts as ({{ rule_parts("under_rest", "rest_shares") }}),

    shared as (
        select {{ columns | join(", ") }}
        from ({{ split_exactly("rest_parts", "source_portion_key", "portion_key", "weight", split) }}) as split
        union all
        select {{ columns | join(", ") }}
        from under_rest
        where rule_version_key is null
    ),

    served as (select distinct source_type, source_id, valid_from_utc, valid_to_utc from {{ services }}),

    paying as (
        select
            *,
            {%- for column in ["team_id", "owner_project_id", "cost_center_id"] %}
                case when {{ carries_money() }} then {{ column }} end as paying_{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from shared
    ),

    under_services as (
        select
            portions.*,
            case
                when teams.source_id is not null
                then 'team'
                when projects.source_id is not null
                then 'project'
                when centers.source_id is not null
                then 'cost_center'
            end as source_type,
            coalesce(teams.source_id, projects.source_id, centers.source_id) as source_id
        from paying as portions
        {%- for name, type, column in [
                ("teams", "team", "team_id"),
                ("projects", "project", "owner_project_id"),
                ("centers", "cost_center", "cost_center_id"),
            ] %}
            left join
                served as {{ name }}
                on {{ name }}.source_type = '{{ type }}'
                and {{ name }}.source_id = portions.paying_{{ column }}
                and {{ valid_on(name, "portions.usage_date") }}
        {%- endfor %}
    ),

    service_parts as (
        select
            portions.spend_item_key,
            portions.usage_date,
            portions.scope_key,
            portions.portion_key as source_portion_key,
            {{ surrogate_key(["portions.portion_key", "shares.target_type", "shares.target_id"]) }} as portion_key,
            {{ target_owner("shares", "portions") }},
            'shared' as allocation_stage,
            shares.method as allocation_method,
            shares.rule_id,
            'weight' as basis_metric,
            cast(shares.weight as decimal(38, 12)) as basis_quantity,
            portions.evidence_coverage,
            false as is_whole,
            portions.amount_usd,
            portions.allocated_ratio,
            shares.weight
        from under_services as portions
        inner join
            {{ services }} as shares
            on shares.source_type = portions.source_type
            and shares.source_id = portions.source_id
            and {{ valid_on("shares", "portions.usage_date") }}
            {{ join_target_owner("shares", "portions.usage_date") }}
    )

select {{ columns | join(", ") }}
from ({{ split_exactly("service_parts", "source_portion_key", "portion_key", "weight", split) }}) as split
union all
select {{ columns | join(", ") }}
from under_services
where source_id is null
