{#- Spend by tag, each dollar once. A charge belongs to the tags on it; usage to the tags of its requests, in proportion
    to what those cost (by count where that is unknown). What carries several tags is split evenly over them,
    exactly. -#}
with
    lines as (
        select
            spend_item_key,
            usage_date,
            provider_id,
            tags,
            spend_item_type,
            spend_usd as amount_usd,
            coalesce(metered_cost_usd, cast(0 as decimal(38, 12))) as metered_cost_usd,
            {{ surrogate_number(tagged_line_columns()) }} as tagged_line_key
        from {{ ref("int_spend_lines") }}
    ),

    worth as (
        select usage_date, tagged_line_key, max(coalesce(metered_cost_usd, 0)) > 0 as is_priced
        from {{ ref("int_tagged_usage_daily") }}
        group by 1, 2
    ),

    weighed as (
        select
            lines.spend_item_key,
            lines.usage_date,
            lines.provider_id,
            coalesce(tagged.tags, lines.tags) as tags,
            lines.amount_usd,
            lines.metered_cost_usd,
            case
                when worth.is_priced
                then {{ to_units("coalesce(tagged.metered_cost_usd, 0)") }}
                else cast(coalesce(tagged.request_count, 1) as {{ whole_type() }})
            end as weight,
            coalesce(tagged.tags, lines.tags, '') as part_key
        from lines
        left join
            {{ ref("int_tagged_usage_daily") }} as tagged
            on tagged.usage_date = lines.usage_date
            -- Within the key: beside it, DuckDB would compare every line with every tag (26 s instead of 2).
            and tagged.tagged_line_key = case when lines.spend_item_type = 'usage' then lines.tagged_line_key end
        left join worth on worth.usage_date = tagged.usage_date and worth.tagged_line_key = tagged.tagged_line_key
    ),

    sets as (
        {{
            split_exactly(
                "weighed",
                "spend_item_key",
                "part_key",
                "weight",
                ["spend_item_key", "usage_date", "provider_id", "tags", "part_key"],
                ["amount_usd", "metered_cost_usd"],
            )
        }}
    ),

    pairs as ({{ tag_pairs("sets") }}),

    tagged_sets as (
        select
            sets.usage_date,
            sets.provider_id,
            sets.amount_usd,
            sets.metered_cost_usd,
            {{ surrogate_key(["sets.spend_item_key", "sets.part_key"]) }} as set_key,
            coalesce(pairs.pair, '') as tag,
            1 as weight
        from sets
        left join pairs on pairs.tags = sets.tags and pairs.provider_id is not distinct from sets.provider_id
    ),

    tags as (
        {{
            split_exactly(
                "tagged_sets",
                "set_key",
                "tag",
                "weight",
                ["usage_date", "provider_id", "tag"],
                ["amount_usd", "metered_cost_usd"],
            )
        }}
    )

select
    usage_date,
    provider_id,
    nullif(tag, '') as tag,
    {{ money_sum("amount_usd") }} as spend_usd,
    {{ money_sum("metered_cost_usd") }} as metered_cost_usd
from tags
group by 1, 2, 3
