{#- What spellings of tag keys mean: the organisation's file, and the seed for what it does not name. Azure's keys have
    no case, so theirs are compared in small letters; a canonical key means itself there too. -#}
with
    stated as (
        select spelling, canonical_key
        from {{ ref("stg_org__tag_keys") }}
        union all
        select seed.spelling, seed.canonical_key
        from {{ ref("tag_key_spellings") }} as seed
        left join {{ ref("stg_org__tag_keys") }} as own on own.spelling = seed.spelling
        where own.spelling is null
    ),

    caseless as (
        select lower(spelling) as spelling, canonical_key, 1 as precedence
        from stated
        union all
        select lower(canonical_key), canonical_key, 2
        from stated
    ),

    ranked as (
        select
            spelling,
            canonical_key,
            row_number() over (partition by spelling order by precedence, canonical_key) as meaning_rank
        from caseless
    )

select 'other' as key_rule, spelling, min(canonical_key) as canonical_key
from stated
group by spelling
union all
select 'azure', spelling, canonical_key
from ranked
where meaning_rank = 1
