with
    unpriced as (select * from {{ ref("fct_llm_usage_hourly") }} where unpriced_reason is not null),

    candidates as (
        select provider_id, model, service_tier, min(closest_candidates) as closest_candidates
        from {{ ref("int_usage_contexts") }}
        where unpriced_reason is not null
        group by 1, 2, 3
    ),

    daily as (
        select
            usage_date,
            provider_id,
            raw_model,
            meter,
            service_tier,
            unpriced_reason,
            cast(sum(quantity) as bigint) as quantity,
            cast(sum(request_count) as bigint) as request_count
        from unpriced
        group by 1, 2, 3, 4, 5, 6
    )

select
    daily.usage_date,
    daily.provider_id,
    daily.raw_model,
    daily.meter,
    daily.service_tier,
    daily.unpriced_reason,
    daily.quantity,
    daily.request_count,
    candidates.closest_candidates
from daily
left join
    candidates
    on coalesce(candidates.provider_id, '') = coalesce(daily.provider_id, '')
    and candidates.model = coalesce(daily.raw_model, '')
    and candidates.service_tier = coalesce(daily.service_tier, '')
