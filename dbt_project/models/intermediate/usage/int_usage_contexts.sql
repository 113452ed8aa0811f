with seen as (
    select {{ context_columns() | join(', ') }}
    from {{ ref('int_usage_file_days') }}
    union
    select {{ context_columns() | join(', ') }}
    from {{ ref('int_usage_reported') }}
),

aliases as (
    select
        *,
        row_number() over (
            partition by {{ context_columns() | join(', ') }}
            order by resolved_at_utc desc, price_model_id, price_variant
        ) as alias_rank
    from {{ ref('stg_prices__model_aliases') }}
),

provider_aliases as (
    select * from {{ ref('provider_aliases') }}
),

contexts as (
    select
        {{ surrogate_key(['seen.provider_name', 'seen.model', 'seen.is_batch', 'seen.service_tier', 'seen.speed']) }}
            as usage_context_key,
        {{ surrogate_number(['seen.provider_name', 'seen.model', 'seen.is_batch', 'seen.service_tier', 'seen.speed']) }}
            as usage_context_id,
        seen.provider_name,
        seen.model,
        seen.is_batch,
        seen.service_tier,
        seen.speed,
        -- A gateway's name says who forwarded the call; then the list's provider of the model is the best there is.
        case
            when provider_aliases.is_gateway or seen.provider_name = '' then aliases.price_provider_id
            else coalesce(provider_aliases.provider_id, lower(seen.provider_name))
        end as provider_id,
        coalesce(aliases.price_model_id, nullif(seen.model, '')) as model_id,
        aliases.price_provider_id,
        aliases.price_model_id,
        aliases.price_variant,
        case
            when aliases.match_method is null then 'model_not_resolved_yet'
            when aliases.price_model_id is null or aliases.price_variant is null
                then coalesce(aliases.unresolved_reason, 'unknown_model')
        end as unpriced_reason,
        aliases.closest_candidates
    from seen
    left join aliases
        on {{ same_context('aliases', 'seen') }}
        and aliases.alias_rank = 1
    left join provider_aliases
        on provider_aliases.alias = lower(seen.provider_name)
)

select * from contexts
