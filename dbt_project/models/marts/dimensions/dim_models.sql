{#- A model that is served by another provider than the one whose price applies appears under both. -#}
with
    catalog as (select * from {{ ref("stg_prices__model_catalog") }}),

    used as (
        select provider_id, model_id, price_provider_id, price_model_id
        from {{ ref("int_usage_contexts") }}
        where model_id is not null
    ),

    pairs as (
        select provider_id, model_id, max(has_usage) as has_usage
        from
            (
                select provider_id, model_id, 1 as has_usage
                from used
                union all
                select provider_id, model_id, 0
                from {{ ref("fct_charges") }}
                where model_id is not null
                union all
                select price_provider_id, price_model_id, 0
                from catalog
            ) as all_pairs
        group by 1, 2
    ),

    described as (
        select
            pairs.*,
            catalog.price_model_name,
            catalog.context_window,
            catalog.is_deprecated,
            row_number() over (
                partition by pairs.provider_id, pairs.model_id
                order by
                    case when catalog.price_provider_id = pairs.provider_id then 0 else 1 end, catalog.price_provider_id
            ) as catalog_rank
        from pairs
        left join
            used on coalesce(used.provider_id, '') = coalesce(pairs.provider_id, '') and used.model_id = pairs.model_id
        left join
            catalog
            on catalog.price_model_id = pairs.model_id
            and catalog.price_provider_id in (pairs.provider_id, used.price_provider_id)
    )

select
    {{ surrogate_key(["provider_id", "model_id"]) }} as model_key,
    provider_id,
    model_id,
    coalesce(price_model_name, model_id) as model_name,
    context_window,
    coalesce(is_deprecated, false) as is_deprecated,
    price_model_name is not null as is_in_price_list,
    has_usage = 1 as has_usage
from described
where catalog_rank = 1
