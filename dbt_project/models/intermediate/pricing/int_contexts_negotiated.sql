with negotiated as (
    select
        prices.*,
        coalesce(aliases.provider_id, lower(prices.provider_name)) as provider_id
    from {{ ref('stg_org__negotiated_prices') }} as prices
    left join {{ ref('provider_aliases') }} as aliases
        on aliases.alias = lower(prices.provider_name)
        and not aliases.is_gateway
),

matched as (
    select
        contexts.usage_context_id,
        negotiated.meter,
        negotiated.discount_pct,
        negotiated.price_usd_per_million_units,
        coalesce(negotiated.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
        coalesce(negotiated.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc,
        -- provider+model+meter 3, provider+model 2, provider+meter 1, provider 0
        case when negotiated.model is not null then 2 else 0 end
        + case when negotiated.meter is not null then 1 else 0 end as specificity
    from {{ ref('int_usage_contexts') }} as contexts
    inner join negotiated
        on negotiated.provider_id = contexts.provider_id
        and (negotiated.model is null or negotiated.model in (contexts.model, contexts.price_model_id))
)

select * from matched
