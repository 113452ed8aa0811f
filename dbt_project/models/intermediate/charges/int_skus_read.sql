{#- Models that SKUs name: the words of a name are looked up in a closed list, the seed, then the price list. A word
    left over means that no model is named, never a shorter one. -#}
with
    names as (select * from {{ ref("int_sku_words") }}),

    -- A model's words are also those of its family, where the product says the family and the meter leaves it out.
    families as (
        select names.*, names.dated_parts as key_parts, 1 as closeness
        from names
        union all
        select names.*, names.parts, 2
        from names
        union all
        select
            names.*,
            array_sort(array_distinct({{ joined_lists("names.dated_parts", "split(families.family, ' ')") }})),
            3
        from names
        inner join
            {{ ref("sku_families") }} as families
            on families.provider_id = names.provider_id
            and names.product like families.product_pattern
        union all
        select names.*, array_sort(array_distinct({{ joined_lists("names.parts", "split(families.family, ' ')") }})), 4
        from names
        inner join
            {{ ref("sku_families") }} as families
            on families.provider_id = names.provider_id
            and names.product like families.product_pattern
        union all
        select names.*, filter(names.parts, word -> word <> 'ga'), 5
        from names
        where array_contains(names.parts, 'ga')
    ),

    listed as (
        select
            provider_id,
            1 as list_rank,
            product_word,
            array_sort(array_distinct(split(name, ' '))) as key_parts,
            model_id
        from {{ ref("sku_names") }}
        union
        select
            providers.provider_id,
            2,
            cast(null as string),
            array_sort(array_distinct(split(trim({{ sku_words(catalog_name("catalog.price_model_id")) }}), ' '))),
            catalog.price_model_id
        from
            (
                select price_provider_id, price_model_id
                from {{ ref("stg_prices__model_catalog") }}
                union
                -- A model that has left the list keeps the charges that name it.
                select price_provider_id, price_model_id
                from {{ ref("int_price_versions") }}
            ) as catalog
        inner join
            (
                -- Azure sells OpenAI's and Anthropic's models; its price list does not repeat them.
                select 'azure' as provider_id, 'openai' as price_provider_id
                union all
                select 'azure', 'anthropic'
                union all
                select 'azure', 'azure'
                union all
                select 'aws', 'aws'
                union all
                select 'google', 'google'
            ) as providers
            on providers.price_provider_id = catalog.price_provider_id
    ),

    found as (
        select
            families.sku_number,
            families.evidence,
            families.closeness,
            listed.list_rank,
            listed.model_id,
            families.text,
            coalesce(listed.product_word, '') <> '' as is_of_product
        from families
        inner join
            listed
            on listed.provider_id = families.provider_id
            and listed.key_parts = families.key_parts
            and (coalesce(listed.product_word, '') = '' or families.product like '%' || listed.product_word || '%')
        where
            {{ list_length("families.key_parts") }} > 0
            -- A number alone is no name.
            and (
                families.closeness > 2
                or listed.list_rank = 1
                or {{ list_length("filter(families.key_parts, word -> " ~ matches("word", "'^[a-z]'") ~ ")") }} > 0
            )
    ),

    best as (
        select
            found.sku_number,
            found.evidence,
            found.list_rank,
            found.model_id,
            rank() over (
                partition by found.sku_number, found.evidence order by found.closeness, found.list_rank
            ) as found_rank
        from found
    ),

    -- One model per text; a model with regional and global prices by what the SKU says; several leave it open.
    named as (
        select
            best.sku_number,
            best.evidence,
            case
                when count(distinct nullif(best.model_id, '')) = 1
                then max(nullif(best.model_id, ''))
                when numbered.sku_pattern_text like '% global %'
                then {{ only_value("case when best.model_id like 'global.%' then best.model_id end") }}
                else {{ only_value("case when best.model_id like 'regional.%' then best.model_id end") }}
            end as model_id
        from best
        inner join {{ ref("int_skus_numbered") }} as numbered on numbered.sku_number = best.sku_number
        where best.found_rank = 1
        group by best.sku_number, best.evidence, numbered.sku_pattern_text
    ),

    chosen as (
        select
            numbered.sku_number,
            {{ only_value("named.model_id") }} as model_id,
            count(distinct named.model_id) > 1 as is_contradicted
        from {{ ref("int_skus_numbered") }} as numbered
        left join named on named.sku_number = numbered.sku_number
        group by 1
    ),

    metered as (
        select
            sku_number,
            bool_or(
                is_input or is_output or is_cache or is_write or is_training or is_hosting or is_embedding or is_storage
            ) as is_metered,
            max(
                case
                    when is_hosting or is_storage
                    then null
                    when is_training
                    then 'training_token'
                    when is_input and is_output
                    then null
                    when is_write
                    then 'cache_write'
                    when is_output and is_cache
                    then null
                    when is_cache
                    then
                        case
                            modality
                            when 'audio'
                            then 'audio_cache_read'
                            when 'image'
                            then 'image_cache_read'
                            else 'cache_read'
                        end
                    when is_input
                    then
                        case
                            modality
                            when 'audio'
                            then 'audio_input'
                            when 'image'
                            then 'image_input'
                            else 'uncached_input'
                        end
                    when is_output
                    then
                        case
                            modality when 'audio' then 'audio_output' when 'image' then 'image_output' else 'output'
                        end
                    when is_embedding
                    then 'uncached_input'
                end
            ) as meter
        from names
        where evidence = 3 and provider_id = 'azure'
        group by 1
    )

select
    {{ all_but("numbered", ["sku_number"]) }},
    chosen.model_id,
    coalesce(chosen.is_contradicted, false) as is_contradicted,
    metered.meter,
    coalesce(metered.is_metered, false) as is_metered
from {{ ref("int_skus_numbered") }} as numbered
left join chosen on chosen.sku_number = numbered.sku_number
left join metered on metered.sku_number = numbered.sku_number
