{#- One spelling rule for tag keys. What an exporter puts before a key (`user:` and `user_` on AWS) is not the customer's;
    Azure's keys have no case; the organisation's own spellings (seed tag_key_spellings) come last. Keys of AWS itself (`aws:`)
    and of every other cloud stay as they are, and so do all values. -#}

{#- 'key=value' under the rule of a provider. -#}
{% macro tag_pair(pair, provider) -%}
    {%- set key = "split_part(" ~ pair ~ ", '=', 1)" -%}
    {%- set stripped = "case " ~ provider ~ " when 'aws' then regexp_replace(" ~ key ~ ", '^user[:_](.)', '\\1') when 'azure' then lower(" ~ key ~ ") else " ~ key ~ " end" -%}
    coalesce(
            (select max(spellings.canonical_key) from {{ ref('tag_key_spellings') }} as spellings where spellings.spelling = {{ stripped }}),
            {{ stripped }}
        ) || substr({{ pair }}, length({{ key }}) + 1)
{%- endmacro %}

{#- Provider, tags, pair: the tags of each distinct combination of provider and tags, one row per 'key=value' under the rule. -#}
{% macro tag_pairs(relation) -%}
    select distinct texts.provider_id, texts.tags, {{ tag_pair('pairs.pair', 'texts.provider_id') }} as pair
    from (select distinct provider_id, tags from {{ relation }} where tags is not null) as texts
    inner join ({{ json_pairs('(select distinct tags from ' ~ relation ~ ') as tag_texts', 'tags', 'tags') }}) as pairs
        on pairs.tags = texts.tags
    where pairs.pair is not null
{%- endmacro %}

{#- Provider, tags, tag: which tags that the organisation names (`names`, a query of one column `tag`) which charges carry; the
    tag is in the organisation's spelling. -#}
{% macro named_tags(relation, names) -%}
    select distinct tag_pairs.provider_id, tag_pairs.tags, spelled.tag
    from ({{ tag_pairs(relation) }}) as tag_pairs
    inner join (
        select distinct names.tag, providers.provider_id, {{ tag_pair('names.tag', 'providers.provider_id') }} as pair
        from ({{ names }}) as names
        cross join (select distinct provider_id from {{ relation }} where tags is not null) as providers
        where names.tag is not null
    ) as spelled
        on spelled.pair = tag_pairs.pair
        and spelled.provider_id is not distinct from tag_pairs.provider_id
{%- endmacro %}
