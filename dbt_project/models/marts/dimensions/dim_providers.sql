select
    cast(null as varchar) as provider_id,
    cast(null as varchar) as provider_name,
    cast(null as boolean) as has_usage,
    cast(null as boolean) as has_charges,
    cast(null as boolean) as is_in_price_list
where false
