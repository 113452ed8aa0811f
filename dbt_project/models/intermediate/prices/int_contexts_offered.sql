{#- Every negotiated price beside each usage context it applies to. An offer without account and tiers is part of the
    price card; one with either is decided per hour and account, in int_usage_agreed_parts. -#}
with
    negotiated as (
        select
            prices.*,
            coalesce(aliases.provider_id, lower(prices.provider_name)) as provider_id,
            prices.tier_from_units is not null or prices.tier_to_units is not null as is_tiered,
            prices.account_id is not null
            or prices.tier_from_units is not null
            or prices.tier_to_units is not null as is_conditional
        from {{ ref("stg_org__negotiated_prices") }} as prices {{ join_provider("lower(prices.provider_name)") }}
    ),

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
    coalesce(negotiated.tier_from_units, 0) as tier_from_units,
    coalesce(negotiated.tier_to_units, 9223372036854775807) as tier_to_units,
    negotiated.is_tiered,
    negotiated.is_conditional,
    coalesce(negotiated.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
    coalesce(negotiated.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc,
    -- The account weighs most, then the model, the variant, the meter.
    case when negotiated.account_id is not null then 8 else 0 end
    + case when negotiated.model is not null then 4 else 0 end
    + case when negotiated.variant is not null then 2 else 0 end
    + case when negotiated.meter is not null then 1 else 0 end as specificity
from contexts
inner join
    negotiated
    on negotiated.provider_id = contexts.provider_id
    and (negotiated.model is null or negotiated.model in (contexts.model, contexts.price_model_id))
    and (negotiated.variant is null or negotiated.variant = contexts.variant)
