{#- What each distinct SKU text means: is it for a language model, which one, which meter. Patterns of the seed come
    first, then model names of the price list as whole words; what matches nothing stays NULL and is never dropped. -#}
with skus as (
    select distinct provider_id, service_name, sku_pattern_text
    from {{ ref('int_charges_unioned') }}
),

catalog as (
    select distinct
        price_provider_id as provider_id,
        price_model_id as model_id,
        '% ' || {{ words_of('price_model_id') }} || ' %' as pattern
    from (
        select price_provider_id, price_model_id from {{ ref('stg_prices__model_catalog') }}
        union
        -- A model that has left the list keeps the charges that name it.
        select price_provider_id, price_model_id from {{ ref('int_price_versions') }}
    ) as listed
),

clouds as (
    select distinct provider_id from {{ ref('llm_services') }}
),

services as (
    select
        skus.*,
        (
            exists (
                select 1 from {{ ref('llm_services') }} as services
                where services.provider_id = skus.provider_id and lower(skus.service_name) like services.service_pattern
            )
            or (
                exists (select 1 from catalog where catalog.provider_id = skus.provider_id)
                and not exists (select 1 from clouds where clouds.provider_id = skus.provider_id)
            )
        ) as is_llm_service
    from skus
),

candidates as (
    select skus.provider_id, skus.service_name, skus.sku_pattern_text, patterns.model_id, patterns.pattern, 1 as origin
    from skus
    inner join {{ ref('sku_model_patterns') }} as patterns
        on patterns.provider_id = skus.provider_id
        and skus.sku_pattern_text like patterns.pattern
    union all
    select services.provider_id, services.service_name, services.sku_pattern_text, catalog.model_id, catalog.pattern, 2
    from services
    inner join catalog
        -- Azure sells OpenAI's models; its price list does not repeat them.
        on (catalog.provider_id = services.provider_id or (services.provider_id = 'azure' and catalog.provider_id = 'openai'))
        and services.sku_pattern_text like catalog.pattern
    where services.is_llm_service
),

models as (
    select
        *,
        row_number() over (
            partition by provider_id, service_name, sku_pattern_text
            order by origin, length(pattern) desc, model_id
        ) as model_rank
    from candidates
),

meters as (
    select
        services.provider_id,
        services.service_name,
        services.sku_pattern_text,
        patterns.meter,
        row_number() over (
            partition by services.provider_id, services.service_name, services.sku_pattern_text
            order by patterns.priority, patterns.pattern
        ) as meter_rank
    from services
    inner join {{ ref('sku_meter_patterns') }} as patterns
        on services.sku_pattern_text like patterns.pattern
)

select
    services.provider_id,
    services.service_name,
    services.sku_pattern_text,
    models.model_id,
    case when services.is_llm_service or models.model_id is not null then meters.meter end as meter,
    services.is_llm_service or models.model_id is not null as is_llm_charge
from services
left join models
    on {{ same_sku('models', 'services') }}
    and models.model_rank = 1
left join meters
    on {{ same_sku('meters', 'services') }}
    and meters.meter_rank = 1
