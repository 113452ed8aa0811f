select
    cast(null as varchar) as cost_center_id,
    cast(null as varchar) as cost_center_name,
    cast(null as varchar) as parent_cost_center_id,
    cast(null as varchar) as root_cost_center_id,
    cast(null as bigint) as depth,
    cast(null as varchar) as path,
    cast(null as varchar) as owner,
    cast(null as boolean) as is_described
where false
