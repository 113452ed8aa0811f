{#- The tree as valid today. A parent that no file describes and a cycle (landing refuses both) end the path there. -#}
with recursive
    source as (select * from {{ ref("stg_org__cost_centers") }}),

    ranked as (select source.*, {{ current_rank("source.cost_center_id") }} as current_rank from source),

    described as (
        select cost_center_id, cost_center_name, parent_cost_center_id, owner, true as is_described
        from ranked
        where current_rank = 1
    ),

    referred as (
        select cost_center_id
        from {{ ref("stg_org__teams") }}
        union
        select cost_center_id
        from {{ ref("stg_org__ownership") }}
        union
        select 'unallocated'
        except
        select cost_center_id
        from described
    ),

    centers as (
        select *
        from described
        union all
        select
            cost_center_id,
            case when cost_center_id = 'unallocated' then 'Unallocated' end,
            cast(null as string),
            cast(null as string),
            cost_center_id = 'unallocated'
        from referred
        where cost_center_id is not null
    ),

    tree as (
        select centers.*, centers.cost_center_id as root_cost_center_id, 0 as depth, centers.cost_center_id as path
        from centers
        left join centers as parents on parents.cost_center_id = centers.parent_cost_center_id
        where parents.cost_center_id is null
        union all
        select centers.*, tree.root_cost_center_id, tree.depth + 1, tree.path || ' > ' || centers.cost_center_id
        from tree
        inner join centers on centers.parent_cost_center_id = tree.cost_center_id
        where tree.depth < 50
    )

select
    cost_center_id,
    cost_center_name,
    parent_cost_center_id,
    root_cost_center_id,
    cast(depth as bigint) as depth,
    path,
    owner,
    is_described
from tree
