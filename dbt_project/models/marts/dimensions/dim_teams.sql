select
    cast(null as varchar) as team_id,
    cast(null as varchar) as team_name,
    cast(null as varchar) as cost_center_id,
    cast(null as varchar) as owner,
    cast(null as boolean) as is_described
where false
