select
    cast(null as varchar) as project_id,
    cast(null as varchar) as project_name,
    cast(null as varchar) as team_id,
    cast(null as varchar) as environment,
    cast(null as decimal(38,12)) as monthly_revenue_usd,
    cast(null as boolean) as is_described
where false
