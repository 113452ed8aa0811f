with
    ids as (
        select provider_id, 1 as has_usage, 0 as has_charges, 0 as is_in_price_list
        from {{ ref("int_usage_contexts") }}
        union all
        select provider_id, 0, 1, 0
        from {{ ref("fct_charges") }}
        union all
        select price_provider_id, 0, 0, 1
        from {{ ref("stg_prices__model_catalog") }}
    ),

    providers as (
        select
            provider_id,
            max(has_usage) = 1 as has_usage,
            max(has_charges) = 1 as has_charges,
            max(is_in_price_list) = 1 as is_in_price_list
        from ids
        where provider_id is not null
        group by 1
    ),

    names as (
        select provider_id, max(provider_name) as provider_name
        from {{ ref("provider_aliases") }}
        where provider_id is not null
        group by 1
    )

select
    providers.provider_id,
    coalesce(names.provider_name, providers.provider_id) as provider_name,
    providers.has_usage,
    providers.has_charges,
    providers.is_in_price_list
from providers
left join names on names.provider_id = providers.provider_id
