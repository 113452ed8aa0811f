{#- Models that SKUs name, read word by word: each word is a slot (direction, cache, scope, tier, modality) or part of a
    model's name, and the words of the name are looked up in a closed list: the seed, then the price list. A word left
    over means that no model is named, never a shorter one. A SKU has up to three texts: the model that the bill states,
    its service or product, its meter. -#}
with skus as (
    select distinct provider_id, sku_pattern_text, {{ sku_columns() | join(', ') }}
    from {{ ref('int_charges_unioned') }}
),

numbered as (
    select *, row_number() over () as sku_number from skus
),

texts as (
    select sku_number, provider_id, lower(coalesce(sku_product, '') || ' ' || coalesce(service_name, '')) as product, 1 as evidence, stated_model as text
    from numbered
    where stated_model is not null
    union all
    select sku_number, provider_id, '', 2, service_name
    from numbered
    where provider_id in ('aws', 'google') and service_name is not null
    union all
    select sku_number, provider_id, lower(coalesce(sku_product, '') || ' ' || coalesce(service_name, '')), 3, coalesce(sku_name, sku_pattern_text)
    from numbered
    where provider_id in ('azure', 'google')
),

worded as (
    select sku_number, provider_id, product, evidence, text, words.word, words.position
    from (
        select *, string_split(trim({{ sku_words('text') }}), ' ') as list_of_words from texts
    ) as split
    cross join lateral (
        select unnest(list_of_words) as word, generate_subscripts(list_of_words, 1) as position
    ) as words
    where words.word <> ''
),

slotted as (
    select
        worded.*,
        case
            when slots.slot is not null then slots.slot
            when regexp_full_match(worded.word, '(0[1-9]|1[0-2])[0-3][0-9]|[0-9]{8}') then 'version'
            else 'name'
        end as slot,
        coalesce(slots.name_word, '') as name_word,
        max(case when slots.slot = 'kind' then 1 else 0 end) over (partition by worded.sku_number, worded.evidence) as has_kind,
        min(case when slots.slot in ('image', 'audio') then worded.position end) over (partition by worded.sku_number, worded.evidence) as first_media_position
    from worded
    left join {{ ref('sku_words') }} as slots
        on slots.provider_id = worded.provider_id
        and slots.word = worded.word
),

-- 'image' and 'audio' name a kind of model where no other word does, and only the first of them.
parts as (
    select
        *,
        slot in ('image', 'audio') and provider_id = 'azure' and has_kind = 0 and position = first_media_position as is_media_kind,
        case
            when slot = 'name' then coalesce(nullif(name_word, ''), word)
            when slot in ('kind', 'preview') then name_word
            when slot in ('image', 'audio') and provider_id = 'azure' and has_kind = 0 and position = first_media_position then name_word
            else ''
        end as part
    from slotted
),

names as (
    select
        sku_number, provider_id, evidence,
        max(product) as product,
        max(text) as text,
        list_sort(list_distinct(list(part) filter (where part <> ''))) as parts,
        list_sort(list_distinct(list(case when slot = 'version' then word else part end) filter (where part <> '' or slot = 'version'))) as dated_parts,
        count(*) filter (where slot = 'input') > 0 as is_input,
        count(*) filter (where slot = 'output') > 0 as is_output,
        count(*) filter (where slot = 'cache') > 0 as is_cache,
        count(*) filter (where slot = 'write') > 0 as is_write,
        count(*) filter (where slot = 'storage') > 0 as is_storage,
        count(*) filter (where slot = 'training') > 0 as is_training,
        count(*) filter (where slot = 'hosting') > 0 as is_hosting,
        count(*) filter (where slot = 'kind' and part = 'textembedding') > 0 as is_embedding,
        -- What the tokens are: the last word that says so, a model's kind where nothing else does.
        arg_max(slot, position) filter (where slot in ('text', 'image', 'audio')) as modality
    from parts
    group by 1, 2, 3
),

-- A model's words are also those of its family, where the product says the family and the meter leaves it out.
families as (
    select names.*, names.dated_parts as key_parts, 1 as closeness from names
    union all
    select names.*, names.parts, 2 from names
    union all
    select names.*, list_sort(list_distinct(list_concat(names.dated_parts, string_split(families.family, ' ')))), 3
    from names
    inner join {{ ref('sku_families') }} as families
        on families.provider_id = names.provider_id
        and names.product like families.product_pattern
    union all
    select names.*, list_sort(list_distinct(list_concat(names.parts, string_split(families.family, ' ')))), 4
    from names
    inner join {{ ref('sku_families') }} as families
        on families.provider_id = names.provider_id
        and names.product like families.product_pattern
    union all
    select names.*, list_filter(names.parts, word -> word <> 'ga'), 5 from names
    where list_contains(names.parts, 'ga')
),

listed as (
    select provider_id, 1 as list_rank, product_word, list_sort(list_distinct(string_split(name, ' '))) as key_parts, model_id
    from {{ ref('sku_names') }}
    union
    select
        providers.provider_id, 2, cast(null as varchar),
        list_sort(list_distinct(string_split(trim({{ sku_words(catalog_name('catalog.price_model_id')) }}), ' '))),
        catalog.price_model_id
    from (
        select price_provider_id, price_model_id from {{ ref('stg_prices__model_catalog') }}
        union
        -- A model that has left the list keeps the charges that name it.
        select price_provider_id, price_model_id from {{ ref('int_price_versions') }}
    ) as catalog
    inner join (
        -- Azure sells OpenAI's models; its price list does not repeat them.
        select 'azure' as provider_id, 'openai' as price_provider_id
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
        families.sku_number, families.evidence, families.closeness, listed.list_rank, listed.model_id, families.text,
        coalesce(listed.product_word, '') <> '' as is_of_product
    from families
    inner join listed
        on listed.provider_id = families.provider_id
        and listed.key_parts = families.key_parts
        and (coalesce(listed.product_word, '') = '' or families.product like '%' || listed.product_word || '%')
    where
        len(families.key_parts) > 0
        -- A number alone is no name.
        and (families.closeness > 2 or listed.list_rank = 1 or len(list_filter(families.key_parts, word -> regexp_full_match(word, '[a-z].*'))) > 0)
),

best as (
    select
        found.sku_number,
        found.evidence,
        found.list_rank,
        found.model_id,
        rank() over (partition by found.sku_number, found.evidence order by found.closeness, found.list_rank) as found_rank
    from found
),

-- One model per text; a model with regional and global prices by what the SKU says; several leave it open.
named as (
    select
        best.sku_number,
        best.evidence,
        case
            when count(distinct nullif(best.model_id, '')) = 1 then max(nullif(best.model_id, ''))
            when numbered.sku_pattern_text like '% global %' then {{ only_value("case when best.model_id like 'global.%' then best.model_id end") }}
            else {{ only_value("case when best.model_id like 'regional.%' then best.model_id end") }}
        end as model_id
    from best
    inner join numbered
        on numbered.sku_number = best.sku_number
    where best.found_rank = 1
    group by best.sku_number, best.evidence, numbered.sku_pattern_text
),

chosen as (
    select
        numbered.sku_number,
        {{ only_value('named.model_id') }} as model_id,
        count(distinct named.model_id) > 1 as is_contradicted
    from numbered
    left join named
        on named.sku_number = numbered.sku_number
    group by 1
),

metered as (
    select
        sku_number,
        bool_or(is_input or is_output or is_cache or is_write or is_training or is_hosting or is_embedding or is_storage) as is_metered,
        max(case
            when is_hosting or is_storage then null
            when is_training then 'training_token'
            when is_input and is_output then null
            when is_write then 'cache_write'
            when is_output and is_cache then null
            when is_cache then case modality when 'audio' then 'audio_cache_read' when 'image' then 'image_cache_read' else 'cache_read' end
            when is_input then case modality when 'audio' then 'audio_input' when 'image' then 'image_input' else 'uncached_input' end
            when is_output then case modality when 'audio' then 'audio_output' when 'image' then 'image_output' else 'output' end
            when is_embedding then 'uncached_input'
        end) as meter
    from names
    where evidence = 3 and provider_id = 'azure'
    group by 1
)

select
    numbered.* exclude (sku_number),
    chosen.model_id,
    coalesce(chosen.is_contradicted, false) as is_contradicted,
    metered.meter,
    coalesce(metered.is_metered, false) as is_metered
from numbered
left join chosen
    on chosen.sku_number = numbered.sku_number
left join metered
    on metered.sku_number = numbered.sku_number
