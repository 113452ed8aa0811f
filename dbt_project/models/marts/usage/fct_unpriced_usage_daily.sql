select
    cast(null as date) as usage_date,
    cast(null as varchar) as provider_id,
    cast(null as varchar) as raw_model,
    cast(null as varchar) as meter,
    cast(null as varchar) as service_tier,
    cast(null as varchar) as unpriced_reason,
    cast(null as bigint) as quantity,
    cast(null as bigint) as request_count,
    cast(null as varchar) as closest_candidates
where false
