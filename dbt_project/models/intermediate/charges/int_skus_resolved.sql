{#- What each distinct SKU means: is it for a language model, which one, which meter. What its words name from a closed
    list comes first, then patterns of the seed, then names of the price list as whole words that no word of another
    model follows, then the model as the bill states it. What matches nothing stays NULL and is never dropped: a charge
    for language models whose model is unknown is for language models. -#}
{%- set other_models = "mini|nano|pro|codex|realtime|transcribe|tts|lite|turbo|max|diarize" %}
{%- set other_models_next = (
    other_models ~ "|[0-9]|[0-9]+k|audio|image|search|live|vision|chat|instruct|deep|flash|latest"
) %}
with
    skus as (
        select distinct provider_id, sku_pattern_text, {{ sku_columns() | join(", ") }}
        from {{ ref("int_charges_unioned") }}
    ),

    catalog as (
        select distinct
            price_provider_id as provider_id,
            price_model_id as model_id,
            '% ' || {{ words_of("price_model_id") }} || ' %' as pattern
        from
            (
                select price_provider_id, price_model_id
                from {{ ref("stg_prices__model_catalog") }}
                union
                -- A model that has left the list keeps the charges that name it.
                select price_provider_id, price_model_id
                from {{ ref("int_price_versions") }}
            ) as listed
    ),

    clouds as (select distinct provider_id from {{ ref("llm_services") }}),

    services as (
        select
            skus.*,
            coalesce(
                (
                    exists (
                        select 1
                        from {{ ref("llm_services") }} as services
                        where
                            services.provider_id = skus.provider_id
                            and (
                                lower(skus.service_name) like services.service_pattern
                                or lower(skus.sku_product) like services.service_pattern
                            )
                    )
                    or lower(skus.service_subcategory) = 'generative ai'
                    or (
                        lower(skus.service_category) = 'ai and machine learning'
                        and (
                            lower(coalesce(skus.consumed_unit, '') || ' ' || coalesce(skus.pricing_unit, ''))
                            like '%token%'
                            or skus.stated_model is not null
                        )
                    )
                    or (
                        exists (select 1 from catalog where catalog.provider_id = skus.provider_id)
                        and not exists (select 1 from clouds where clouds.provider_id = skus.provider_id)
                    )
                ),
                false
            ) as is_llm_service
        from skus
    ),

    candidates as (
        select distinct skus.provider_id, skus.sku_pattern_text, patterns.model_id, patterns.pattern, 1 as origin
        from skus
        inner join
            {{ ref("sku_model_patterns") }} as patterns
            on patterns.provider_id = skus.provider_id
            and skus.sku_pattern_text like patterns.pattern
        union all
        select distinct services.provider_id, services.sku_pattern_text, catalog.model_id, catalog.pattern, 2
        from services
        inner join
            catalog on catalog.provider_id = services.provider_id and services.sku_pattern_text like catalog.pattern
        where
            services.is_llm_service and services.provider_id not in ('azure', 'google') and not
            {{
                matches(
                    "services.sku_pattern_text",
                    as_pattern("trim(both '%' from catalog.pattern)") ~ " || '(" ~ other_models_next ~ ") '",
                )
            }} and not
            {{
                matches(
                    "replace(services.sku_pattern_text, trim(both '% ' from catalog.pattern), '')",
                    "' (" ~ other_models ~ ") '",
                )
            }}
    ),

    models as (
        select
            *,
            row_number() over (
                partition by provider_id, sku_pattern_text order by origin, length(pattern) desc, model_id
            ) as model_rank
        from candidates
    ),

    meters as (
        select
            services.sku_pattern_text,
            patterns.meter,
            row_number() over (
                partition by services.sku_pattern_text order by patterns.priority, patterns.pattern
            ) as meter_rank
        from (select distinct sku_pattern_text from services) as services
        inner join {{ ref("sku_meter_patterns") }} as patterns on services.sku_pattern_text like patterns.pattern
    ),

    stated as (select lower(model_id) as stated_model, min(model_id) as model_id from catalog group by 1),

    joined as (
        select
            services.*,
            case
                when skus_read.is_contradicted
                then null
                else coalesce(skus_read.model_id, stated.model_id, models.model_id, lower(services.stated_model))
            end as model_id,
            case when skus_read.is_metered then skus_read.meter else meters.meter end as meter
        from services
        left join {{ ref("int_skus_read") }} as skus_read on {{ same_sku("skus_read", "services") }}
        left join stated on stated.stated_model = lower(services.stated_model)
        left join
            models
            on models.sku_pattern_text = services.sku_pattern_text
            and coalesce(models.provider_id, '') = coalesce(services.provider_id, '')
            and models.model_rank = 1
        left join meters on meters.sku_pattern_text = services.sku_pattern_text and meters.meter_rank = 1
    )

select
    provider_id,
    sku_pattern_text,
    {{ sku_columns() | join(", ") }},
    model_id,
    case when is_llm_service or model_id is not null then meter end as meter,
    is_llm_service or model_id is not null as is_llm_charge
from joined
