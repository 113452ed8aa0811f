{{ config(meta={"dagster": {"ref": {"name": "dim_cost_centers"}}}) }}
select distinct described.cost_center_id
from {{ ref("stg_org__cost_centers") }} as described
left join {{ ref("dim_cost_centers") }} as tree on tree.cost_center_id = described.cost_center_id
where tree.cost_center_id is null
