{#- Model names of usage that lead to no entry of the price list, with what is behind each and the line that would
    settle it. -#}
with
    unresolved as (
        select usage_context_id, provider_name, model, provider_id, unpriced_reason, closest_candidates
        from {{ ref("int_usage_contexts") }}
        where
            unpriced_reason in (
                'unknown_model',
                'unknown_provider',
                'no_public_price',
                'no_model_name',
                'model_not_resolved_yet',
                'alias_target_unknown',
                'moving_name'
            )
    ),

    used as (
        select
            usage_context_id,
            usage_date,
            sum(request_count) as request_count,
            sum({{ token_total("input") }} + {{ token_total("output") }}) as tokens
        from {{ ref("int_llm_usage_hourly") }}
        group by 1, 2
    ),

    names as (
        select
            unresolved.provider_name,
            unresolved.model,
            unresolved.provider_id,
            unresolved.unpriced_reason,
            max(unresolved.closest_candidates) as closest_candidates,
            cast(sum(used.request_count) as bigint) as request_count,
            cast(sum(used.tokens) as bigint) as total_tokens,
            cast(count(distinct used.usage_date) as bigint) as day_count,
            min(used.usage_date) as first_date,
            max(used.usage_date) as last_date
        from unresolved
        left join used on used.usage_context_id = unresolved.usage_context_id
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["provider_name", "model", "provider_id", "unpriced_reason"]) }} as unresolved_model_key,
    nullif(provider_name, '') as provider_name,
    nullif(model, '') as raw_model,
    provider_id,
    unpriced_reason,
    request_count,
    total_tokens,
    day_count,
    first_date,
    last_date,
    nullif(closest_candidates, '[]') as closest_candidates,
    case
        unpriced_reason
        when 'no_model_name'
        then 'mapping.yml: say which field of the events holds the model'
        when 'model_not_resolved_yet'
        then 'run again: names are looked up when prices land'
        when 'no_public_price'
        then 'negotiated_prices.csv: ' || provider_name || ',' || model || ',<meter>,<USD per million units>'
        when 'alias_target_unknown'
        then 'model_aliases.csv: correct price_model of ' || model
        else 'model_aliases.csv: ' || provider_name || ',' || model || ',<provider/model of the price list>'
    end as remedy
from names
