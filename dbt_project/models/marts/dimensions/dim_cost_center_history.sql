{#- Stretches in which a cost center's own place does not change are one row, though the tree changed elsewhere. -#}
with
    marked as (
        select
            *,
            case
                when
                    path = lag(path) over (partition by cost_center_id order by valid_from_utc)
                    and is_described = lag(is_described) over (partition by cost_center_id order by valid_from_utc)
                    and coalesce(cost_center_name, '')
                    = coalesce(lag(cost_center_name) over (partition by cost_center_id order by valid_from_utc), '')
                    and coalesce(owner, '')
                    = coalesce(lag(owner) over (partition by cost_center_id order by valid_from_utc), '')
                then 0
                else 1
            end as is_new
        from {{ ref("int_cost_center_positions") }}
    ),

    numbered as (
        select *, sum(is_new) over (partition by cost_center_id order by valid_from_utc) as version_number from marked
    ),

    versions as (
        select
            cost_center_id,
            version_number,
            min(cost_center_name) as cost_center_name,
            min(parent_cost_center_id) as parent_cost_center_id,
            min(root_cost_center_id) as root_cost_center_id,
            min(depth) as depth,
            min(path) as path,
            min(owner) as owner,
            max(case when is_described then 1 else 0 end) = 1 as is_described,
            min(valid_from_utc) as valid_from_utc,
            max(valid_to_utc) as valid_to_utc
        from numbered
        group by 1, 2
    )

select
    {{ surrogate_key(["cost_center_id", "valid_from_utc"]) }} as cost_center_version_key,
    cost_center_id,
    cost_center_name,
    parent_cost_center_id,
    root_cost_center_id,
    depth,
    path,
    owner,
    is_described,
    valid_from_utc,
    valid_to_utc,
    {{ valid_on("versions", today()) }} as is_current
from versions
