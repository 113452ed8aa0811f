select
    cast(null as date) as date_day,
    cast(null as bigint) as year_number,
    cast(null as bigint) as quarter_number,
    cast(null as bigint) as month_number,
    cast(null as date) as week_start_date,
    cast(null as date) as month_start_date,
    cast(null as date) as quarter_start_date,
    cast(null as date) as year_start_date,
    cast(null as bigint) as day_of_week,
    cast(null as varchar) as day_name,
    cast(null as varchar) as month_name,
    cast(null as boolean) as is_weekend,
    cast(null as bigint) as days_in_month
where false
