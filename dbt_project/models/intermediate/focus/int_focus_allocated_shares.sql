{#- Who carries a spend line of charges, in the words of FOCUS. Overhead is left out: it is a price between cost centers
    on top of what they carry, sums to 0 on each charge, and its recovery would be a negative share, which the standard
    forbids. -#}
{%- set described = [
    ("projects", ref("stg_org__projects"), "project"),
    ("teams", ref("stg_org__teams"), "team"),
    ("centers", ref("stg_org__cost_centers"), "cost_center"),
] %}

with
    {%- for name, relation, kind in described %}
        {{ name }} as (
            select {{ kind }}_id, {{ kind }}_name
            from (select *, {{ current_rank(kind ~ "_id") }} as current_rank from {{ relation }} as source) as versions
            where current_rank = 1
        ),
    {% endfor %}
    carried as (
        select
            *,
            max(case when allocation_stage in ('usage_evidence', 'shared') then 1 else 0 end) over (
                partition by spend_item_key
            )
            = 1 as is_split,
            row_number() over (partition by spend_item_key order by allocated_cost_key) as part_number,
            row_number() over (partition by spend_item_key order by allocated_ratio desc, allocated_cost_key)
            = 1 as is_largest
        from {{ ref("int_allocated_costs_daily") }}
        where
            spend_item_type = 'charge'
            and allocation_stage <> 'overhead'
            and (allocated_ratio <> 0 or allocated_cost_usd <> 0)
    ),

    -- A charge knows no feature and no customer: where a part has one, a rule gave it.
    targeted as (
        select
            *,
            case
                when owner_project_id is not null
                then 'project'
                when team_id is not null
                then 'team'
                when cost_center_id <> 'unallocated'
                then 'cost_center'
                when feature is not null
                then 'feature'
                when customer_id is not null
                then 'customer'
            end as target_type
        from carried
    ),

    named as (
        select
            targeted.*,
            case
                targeted.target_type
                when 'project'
                then targeted.owner_project_id
                when 'team'
                then targeted.team_id
                when 'cost_center'
                then targeted.cost_center_id
                when 'feature'
                then targeted.feature
                when 'customer'
                then targeted.customer_id
            end as target_id,
            case
                targeted.target_type
                when 'project'
                then projects.project_name
                when 'team'
                then teams.team_name
                when 'cost_center'
                then centers.cost_center_name
            end as target_name
        from targeted
        left join projects on projects.project_id = targeted.owner_project_id
        left join teams on teams.team_id = targeted.team_id
        left join centers on centers.cost_center_id = targeted.cost_center_id
    )

select
    spend_item_key,
    allocated_cost_key,
    part_number,
    is_split,
    is_largest,
    team_id,
    owner_project_id,
    cost_center_id,
    feature,
    customer_id,
    allocation_stage,
    allocation_method,
    allocated_ratio,
    allocated_cost_usd,
    {{ to_units("allocated_ratio") }} as weight,
    -- What usage evidence or a fixed amount leaves over is a part by the same method.
    case when is_split then coalesce(rule_id, 'usage_evidence') end as allocated_method_id,
    case
        when is_split
        then
            '{"Elements":['
            || {{
                json_object(
                    [
                        ("AllocatedRatio", json_number("allocated_ratio")),
                        ("UsageUnit", json_string(allocation_unit("basis_metric"))),
                        (
                            "UsageQuantity",
                            "case when basis_metric is not null then " ~ json_number("basis_quantity") ~ " end",
                        ),
                    ]
                )
            }}
            || ']}'
    end as allocated_method_details,
    case when is_split then target_type || '/' || target_id end as allocated_resource_id,
    case when is_split then coalesce(target_name, target_id) end as allocated_resource_name,
    case
        when is_split and target_type is not null
        then
            {{
                json_object(
                    [
                        ("costops/cost_center", json_string("nullif(cost_center_id, 'unallocated')")),
                        ("costops/team", json_string("team_id")),
                        ("costops/project", json_string("owner_project_id")),
                        ("costops/feature", json_string("feature")),
                        ("costops/customer", json_string("customer_id")),
                    ]
                )
            }}
    end as allocated_tags
from named
