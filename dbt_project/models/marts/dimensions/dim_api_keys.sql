select
    cast(null as varchar) as api_key_id,
    cast(null as varchar) as team_id,
    cast(null as varchar) as owner_project_id,
    cast(null as varchar) as cost_center_id,
    cast(null as boolean) as is_owned,
    cast(null as date) as first_seen_date,
    cast(null as date) as last_seen_date
where false
