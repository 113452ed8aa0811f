{#- One spelling rule for tag keys. What an exporter puts before a key (`user:` and `user_` on AWS) is not the
    customer's; Azure's keys have no case; the organisation's own spellings (tag_keys.csv, seed tag_key_spellings) come
    last. Keys of AWS itself (`aws:`) and of every other cloud stay as they are, and so do all values. -#}
{#- The key of 'key=value' under the rule of a provider; a spelling is meant as delivered or without the exporter's
    prefix. -#}
{% macro tag_key(pair, provider) -%}
    {%- set key = "split_part(" ~ pair ~ ", '=', 1)" -%}
    {%- set stripped = (
        "case "
        ~ provider
        ~ " when 'aws' then "
        ~ replaced_everywhere(key, "^user[:_](.)", "\\1")
        ~ " when 'azure' then lower("
        ~ key
        ~ ") else "
        ~ key
        ~ " end"
    ) -%}
    coalesce(
        {%- for spelling in [key, stripped] %}
            (
                select max(spellings.canonical_key)
                from {{ ref("int_tag_key_spellings") }} as spellings
                where
                    spellings.spelling = {{ spelling }}
                    and spellings.key_rule = case {{ provider }} when 'azure' then 'azure' else 'other' end
            ),
        {%- endfor %}
        {{ stripped }}
    )
{%- endmacro %}

{#- 'key=value' under the rule of a provider. -#}
{% macro tag_pair(pair, provider) -%}
    {{ tag_key(pair, provider) }} || substr({{ pair }}, length(split_part({{ pair }}, '=', 1)) + 1)
{%- endmacro %}

{#- Provider, tags, delivered pair, key, pair under the rule and its rank: of several values of one key on one charge
    the key that is delivered as the rule spells it wins (rank 1), else the first by the alphabet. -#}
{% macro ranked_tag_pairs(relation) -%}
    select
        ruled.provider_id,
        ruled.tags,
        ruled.delivered_pair,
        ruled.tag_key,
        ruled.pair,
        row_number() over (
            partition by ruled.provider_id, ruled.tags, ruled.tag_key
            order by
                case when split_part(ruled.delivered_pair, '=', 1) = ruled.tag_key then 0 else 1 end,
                ruled.delivered_pair
        ) as pair_rank,
        min(ruled.pair) over (partition by ruled.provider_id, ruled.tags, ruled.tag_key)
    from
        (
            select
                texts.provider_id,
                texts.tags,
                pairs.pair as delivered_pair,
                {{ tag_key("pairs.pair", "texts.provider_id") }} as tag_key,
                {{ tag_pair("pairs.pair", "texts.provider_id") }} as pair
            from (select distinct provider_id, tags from {{ relation }} where tags is not null) as texts
            inner join
                ({{ json_pairs("(select distinct tags from " ~ relation ~ ") as tag_texts", "tags", "tags") }}) as pairs
                on pairs.tags = texts.tags
            where pairs.pair is not null
        ) as ruled
{%- endmacro %}

{#- Provider, tags, pair: the tags of each distinct combination of provider and tags, one row per key under the
    rule. -#}
{% macro tag_pairs(relation) -%}
    select provider_id, tags, pair from ({{ ranked_tag_pairs(relation) }}) as ranked_pairs where pair_rank = 1
{%- endmacro %}

{#- Provider, tags, tag: which tags that the organisation names (`names`, a query of one column `tag`) which charges
    carry; the tag is in the organisation's spelling. -#}
{% macro named_tags(relation, names) -%}
    select distinct tag_pairs.provider_id, tag_pairs.tags, spelled.tag
    from ({{ tag_pairs(relation) }}) as tag_pairs
    inner join
        (
            select distinct
                names.tag, providers.provider_id, {{ tag_pair("names.tag", "providers.provider_id") }} as pair
            from ({{ names }}) as names
            cross join (select distinct provider_id from {{ relation }} where tags is not null) as providers
            where names.tag is not null
        ) as spelled
        on spelled.pair = tag_pairs.pair
        and spelled.provider_id is not distinct from tag_pairs.provider_id
{%- endmacro %}
