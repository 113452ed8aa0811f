{#- Every negotiated price beside each usage context it applies to. -#}
with
    negotiated as (select * from {{ ref("int_negotiated_prices") }}),

    contexts as (
        select
            *,
            case
                when price_variant is not null
                then price_variant
                when
                    not is_batch
                    and lower(service_tier) in ('', 'auto', 'default', 'on_demand', 'standard')
                    and speed = ''
                then 'standard'
                else
                    substr(
                        case when is_batch then ';processing=batch' else '' end || case
                            when lower(service_tier) in ('', 'auto', 'default', 'on_demand', 'standard', 'batch')
                            then ''
                            else ';service_tier=' || lower(service_tier)
                        end
                        || case when speed = '' then '' else ';speed=' || lower(speed) end,
                        2
                    )
            end as variant
        from {{ ref("int_usage_contexts") }}
    )

select
    contexts.usage_context_id,
    {{
        surrogate_key(
            [
                "negotiated.provider_id",
                "negotiated.account_id",
                "negotiated.model",
                "negotiated.variant",
                "negotiated.meter",
                "negotiated.commitment_id",
            ]
        )
    }} as ladder_key,
    case
        when negotiated.commitment_id is not null
        then negotiated.provider_id || ' ' || negotiated.commitment_id
        else
            concat_ws(
                ' ',
                negotiated.provider_id,
                'account=' || negotiated.account_id,
                'model=' || negotiated.model,
                negotiated.variant,
                coalesce(negotiated.meter, 'tokens')
            )
    end as tier_scope,
    negotiated.commitment_id,
    negotiated.account_id,
    negotiated.meter,
    negotiated.discount_pct,
    negotiated.price_usd_per_million_units,
    negotiated.tier_from_units,
    negotiated.tier_to_units,
    negotiated.is_tiered,
    negotiated.is_conditional,
    negotiated.valid_from_utc,
    negotiated.valid_to_utc,
    negotiated.specificity
from contexts
inner join
    negotiated
    on negotiated.provider_id = contexts.provider_id
    and (negotiated.model is null or lower(negotiated.model) in (lower(contexts.model), lower(contexts.price_model_id)))
    and (negotiated.variant is null or negotiated.variant = contexts.variant)
