{#- Stage three, last part: what departments that serve others have been given so far goes on to those who carry it in
    the end. The shares were solved when the rules landed, over all rounds of mutual services, so one split is
    enough. -#}
{%- set split = portion_columns() | reject("in", ["amount_usd", "allocated_ratio"]) | list %}

with
    served as (
        select distinct source_type, source_id, valid_from_utc, valid_to_utc from {{ ref("stg_org__service_shares") }}
    ),

    portions as (
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
        from
            (
                select
                    *,
                    {%- for column in ["team_id", "owner_project_id", "cost_center_id"] %}
                        case
                            when {{ carries_money() }} then {{ column }}
                        end as paying_{{ column }}{{ ',' if not loop.last }}
                    {%- endfor %}
                from {{ ref("int_portions_shared") }}
            ) as portions
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

    parts as (
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
        from portions
        inner join
            {{ ref("stg_org__service_shares") }} as shares
            on shares.source_type = portions.source_type
            and shares.source_id = portions.source_id
            and {{ valid_on("shares", "portions.usage_date") }}
            {{ join_target_owner("shares", "portions.usage_date") }}
    ),

    split as ({{ split_exactly("parts", "source_portion_key", "portion_key", "weight", split) }})

select {{ portion_columns() | join(", ") }}
from split
union all
select {{ portion_columns() | join(", ") }}
from portions
where source_id is null
