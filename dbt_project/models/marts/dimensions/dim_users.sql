select
    cast(null as varchar) as user_id,
    cast(null as varchar) as user_key,
    cast(null as varchar) as user_label,
    cast(null as varchar) as team_id,
    cast(null as boolean) as is_described,
    cast(null as date) as first_seen_date,
    cast(null as date) as last_seen_date
where false
