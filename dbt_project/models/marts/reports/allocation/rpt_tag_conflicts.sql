{#- Charges and usage that say two values of one tag key, in two spellings: which stands, which is left out, what it is
    about. -#}
with
    items as (select provider_id, tags, usage_date, spend_usd from {{ ref("int_spend_items") }} where tags is not null),

    ranked as ({{ ranked_tag_pairs("items") }}),

    sets as (
        select
            provider_id,
            tags,
            min(usage_date) as first_date,
            max(usage_date) as last_date,
            {{ money_sum("spend_usd") }} as spend_usd
        from items
        group by 1, 2
    )

select
    left_out.provider_id,
    left_out.tag_key,
    kept.delivered_pair as kept_tag,
    left_out.delivered_pair as left_out_tag,
    min(sets.first_date) as first_date,
    max(sets.last_date) as last_date,
    {{ money_sum("sets.spend_usd") }} as spend_usd
from ranked as left_out
inner join
    ranked as kept
    on kept.provider_id is not distinct from left_out.provider_id
    and kept.tags = left_out.tags
    and kept.tag_key = left_out.tag_key
    and kept.pair_rank = 1
inner join sets on sets.provider_id is not distinct from left_out.provider_id and sets.tags = left_out.tags
where left_out.pair <> kept.pair
group by 1, 2, 3, 4
