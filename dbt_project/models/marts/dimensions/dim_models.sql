select
    cast(null as varchar) as model_key,
    cast(null as varchar) as provider_id,
    cast(null as varchar) as model_id,
    cast(null as varchar) as model_name,
    cast(null as bigint) as context_window,
    cast(null as boolean) as is_deprecated,
    cast(null as boolean) as is_in_price_list,
    cast(null as boolean) as has_usage
where false
