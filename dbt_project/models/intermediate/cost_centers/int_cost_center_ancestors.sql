{#- Every cost center with itself and each of its ancestors in each stretch of time: what a sum over a subtree joins to,
    by cost center and the day of the spend (valid_on). -#}
with recursive
    positions as (select * from {{ ref("int_cost_center_positions") }}),

    ancestors as (
        select
            valid_from_utc,
            valid_to_utc,
            cost_center_id,
            cost_center_id as ancestor_id,
            path as ancestor_path,
            parent_path as next_path,
            0 as distance
        from positions
        union all
        select
            ancestors.valid_from_utc,
            ancestors.valid_to_utc,
            ancestors.cost_center_id,
            positions.cost_center_id,
            positions.path,
            positions.parent_path,
            ancestors.distance + 1
        from ancestors
        inner join
            positions on positions.valid_from_utc = ancestors.valid_from_utc and positions.path = ancestors.next_path
        where ancestors.distance < 50
    )

select valid_from_utc, valid_to_utc, cost_center_id, ancestor_id, ancestor_path, distance
from ancestors
