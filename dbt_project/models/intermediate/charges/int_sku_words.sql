{#- The words of each text of a SKU: each is a slot (direction, cache, scope, tier, modality) or part of a model's name.
    A SKU has up to three texts: the model that the bill states (1), its service or product (2), its meter (3). -#}
{{ config(materialized="view") }}

with
    texts as (
        select
            sku_number,
            provider_id,
            lower(coalesce(sku_product, '') || ' ' || coalesce(service_name, '')) as product,
            1 as evidence,
            stated_model as text
        from {{ ref("int_skus_numbered") }}
        where stated_model is not null
        union all
        select sku_number, provider_id, '', 2, service_name
        from {{ ref("int_skus_numbered") }}
        where provider_id in ('aws', 'google') and service_name is not null
        union all
        -- Meters of Azure's marketplace name no model (`paygo-inference-input-tokens`): their product does.
        select sku_number, provider_id, '', 2, substr(sku_product, position('claude' in lower(sku_product)))
        from {{ ref("int_skus_numbered") }}
        where provider_id = 'azure' and lower(sku_product) like '%claude%'
        union all
        select
            sku_number,
            provider_id,
            lower(coalesce(sku_product, '') || ' ' || coalesce(service_name, '')),
            3,
            coalesce(sku_name, sku_pattern_text)
        from {{ ref("int_skus_numbered") }}
        where provider_id in ('azure', 'google')
    ),

    worded as (
        select sku_number, provider_id, product, evidence, text, word, position
        from
            (
                {{
                    numbered_members(
                        "(select *, split(trim(" ~ sku_words("text") ~ "), ' ') as list_of_words from texts)",
                        "list_of_words",
                        "word",
                        "position",
                    )
                }}
            ) as words
        where word <> ''
    ),

    slotted as (
        select
            worded.*,
            case
                when slots.slot is not null
                then slots.slot
                when {{ matches("worded.word", "'^((0[1-9]|1[0-2])[0-3][0-9]|[0-9]{8})$'") }}
                then 'version'
                else 'name'
            end as slot,
            coalesce(slots.name_word, '') as name_word,
            max(case when slots.slot = 'kind' then 1 else 0 end) over (
                partition by worded.sku_number, worded.evidence
            ) as has_kind,
            min(case when slots.slot in ('image', 'audio') then worded.position end) over (
                partition by worded.sku_number, worded.evidence
            ) as first_media_position
        from worded
        left join {{ ref("sku_words") }} as slots on slots.provider_id = worded.provider_id and slots.word = worded.word
    ),

    -- 'image' and 'audio' name a kind of model where no other word does, and only the first of them.
    parts as (
        select
            *,
            slot in ('image', 'audio')
            and provider_id = 'azure'
            and has_kind = 0
            and position = first_media_position as is_media_kind,
            case
                when slot = 'name'
                then coalesce(nullif(name_word, ''), word)
                when slot in ('kind', 'preview')
                then name_word
                when
                    slot in ('image', 'audio')
                    and provider_id = 'azure'
                    and has_kind = 0
                    and position = first_media_position
                then name_word
                else ''
            end as part
        from slotted
    ),

    names as (
        select
            sku_number,
            provider_id,
            evidence,
            max(product) as product,
            max(text) as text,
            array_sort(array_distinct(array_agg(part) filter (where part <> ''))) as parts,
            array_sort(
                array_distinct(
                    array_agg(case when slot = 'version' then word else part end) filter (
                        where part <> '' or slot = 'version'
                    )
                )
            ) as dated_parts,
            count(*) filter (where slot = 'input') > 0 as is_input,
            count(*) filter (where slot = 'output') > 0 as is_output,
            count(*) filter (where slot = 'cache') > 0 as is_cache,
            count(*) filter (where slot = 'write') > 0 as is_write,
            count(*) filter (where slot = 'storage') > 0 as is_storage,
            count(*) filter (where slot = 'training') > 0 as is_training,
            count(*) filter (where slot = 'hosting') > 0 as is_hosting,
            count(*) filter (where slot = 'kind' and part = 'textembedding') > 0 as is_embedding,
            -- What the tokens are: the last word that says so, a model's kind where nothing else does.
            max_by(slot, position) filter (where slot in ('text', 'image', 'audio')) as modality
        from parts
        group by 1, 2, 3
    )

select *
from names
