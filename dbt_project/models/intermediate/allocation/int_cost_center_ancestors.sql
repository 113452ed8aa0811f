{#- Every cost center with itself and each of its ancestors: what a sum over a subtree joins to. -#}
with recursive centers as (
    select cost_center_id, parent_cost_center_id
    from {{ ref('dim_cost_centers') }}
),

ancestors as (
    select cost_center_id, cost_center_id as ancestor_id, parent_cost_center_id as next_id, 0 as distance
    from centers
    union all
    select ancestors.cost_center_id, ancestors.next_id, centers.parent_cost_center_id, ancestors.distance + 1
    from ancestors
    inner join centers
        on centers.cost_center_id = ancestors.next_id
    where ancestors.distance < 50
)

select distinct cost_center_id, ancestor_id, distance
from ancestors
