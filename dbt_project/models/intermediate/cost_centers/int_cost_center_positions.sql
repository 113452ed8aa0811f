{#- The tree as it stood in each stretch of time: every cost center ever described or referred to, with its path from
    the root. One that is not described at the time stands by itself, and so does one whose parent is not; landing
    refuses rings. -#}
with recursive
    moments as (
        select valid_from_utc as moment
        from {{ ref("stg_org__cost_centers") }}
        where valid_from_utc is not null
        union
        select valid_to_utc
        from {{ ref("stg_org__cost_centers") }}
        where valid_to_utc is not null
        union
        select cast('1900-01-01' as timestamp)
        union
        select cast('2200-01-01' as timestamp)
    ),

    -- The stretches of time in which the tree does not change, half-open, without gaps from 1900 to 2200.
    periods as (
        select *
        from
            (
                select moment as valid_from_utc, lead(moment) over (order by moment) as valid_to_utc from moments
            ) as stretches
        where valid_to_utc is not null
    ),

    known as (
        select cost_center_id
        from {{ ref("stg_org__cost_centers") }}
        union
        select cost_center_id
        from {{ ref("stg_org__teams") }}
        union
        select cost_center_id
        from {{ ref("stg_org__ownership") }}
        union
        select 'unallocated'
    ),

    described as (
        select
            periods.valid_from_utc as period_from_utc,
            source.*,
            row_number() over (
                partition by periods.valid_from_utc, source.cost_center_id
                order by source.valid_from_utc desc, source.valid_to_utc desc, source.parent_cost_center_id
            ) as version_rank
        from periods
        inner join {{ ref("stg_org__cost_centers") }} as source on {{ valid_on("source", "periods.valid_from_utc") }}
    ),

    centers as (
        select
            periods.valid_from_utc,
            periods.valid_to_utc,
            known.cost_center_id,
            coalesce(
                described.cost_center_name, case when known.cost_center_id = 'unallocated' then 'Unallocated' end
            ) as cost_center_name,
            described.parent_cost_center_id,
            described.owner,
            described.cost_center_id is not null as is_described
        from periods
        cross join known
        left join
            described
            on described.period_from_utc = periods.valid_from_utc
            and described.cost_center_id = known.cost_center_id
            and described.version_rank = 1
        where known.cost_center_id is not null
    ),

    tree as (
        select
            centers.*,
            centers.cost_center_id as root_cost_center_id,
            0 as depth,
            centers.cost_center_id as path,
            cast(null as string) as parent_path
        from centers
        left join
            centers as parents
            on parents.valid_from_utc = centers.valid_from_utc
            and parents.cost_center_id = centers.parent_cost_center_id
            and parents.is_described
        where parents.cost_center_id is null
        union all
        select
            centers.*, tree.root_cost_center_id, tree.depth + 1, tree.path || ' > ' || centers.cost_center_id, tree.path
        from tree
        inner join
            centers
            on centers.valid_from_utc = tree.valid_from_utc
            and centers.parent_cost_center_id = tree.cost_center_id
        where tree.depth < 50 and tree.is_described
    )

select
    valid_from_utc,
    valid_to_utc,
    cost_center_id,
    cost_center_name,
    owner,
    is_described,
    case when depth > 0 then parent_cost_center_id end as parent_cost_center_id,
    root_cost_center_id,
    cast(depth as bigint) as depth,
    path,
    parent_path
from tree
