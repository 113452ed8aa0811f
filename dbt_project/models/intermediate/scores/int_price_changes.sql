{#- Each change of a price at which somebody asks, with the quantity that it touched: a fact of the price list, known to
    the last digit whatever the day's spend does. A price of one request size that comes or goes is compared with the
    price that such requests had or get. Quantities are those of the side that tells the sizes apart: of the weeks
    before the change, or, where a size is new, of those after it. Agreements by account or month are not in it. -#}
{%- set window = var("price_change_days") %}
{%- set counted_by = [
    "old_card_id",
    "new_card_id",
    "usage_context_id",
    "context_tier",
    "valid_from_date",
    "counted_from_date",
    "counted_to_date",
] %}
with
    cards as (
        select
            price_card_id,
            usage_context_id,
            valid_from_utc,
            valid_to_utc,
            time_of_day_from_second,
            context_over_tokens,
            context_tier
        from {{ ref("int_price_cards") }}
    ),

    used_cards as (
        select
            hourly.price_card_id,
            hourly.usage_date,
            {%- for meter in usage_meters() %}
                cast(sum({{ meter.billed }}) as bigint) as {{ meter.meter }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("int_llm_usage_hourly") }} as hourly
        where hourly.is_billable and hourly.price_card_id is not null
        group by 1, 2
    ),

    newest as (select max(usage_date) as last_date from used_cards),

    first_uses as (
        select cards.usage_context_id, min(used_cards.usage_date) as first_date
        from used_cards
        inner join cards on cards.price_card_id = used_cards.price_card_id
        group by 1
    ),

    next_cards as (
        select
            old.price_card_id as old_card_id,
            new.price_card_id as new_card_id,
            old.context_over_tokens as old_over_tokens,
            new.context_over_tokens as new_over_tokens,
            old.context_tier as old_tier,
            new.context_tier as new_tier,
            old.usage_context_id,
            old.valid_from_utc as old_from_utc,
            new.valid_from_utc as changed_at_utc,
            new.valid_to_utc as new_to_utc
        from cards as old
        inner join
            cards as new
            on new.usage_context_id = old.usage_context_id
            and new.time_of_day_from_second = old.time_of_day_from_second
            and new.valid_from_utc = old.valid_to_utc
    ),

    -- The card that requests of an old card get, and, of a size that is new, the one that they had.
    nearest as (
        select
            next_cards.*,
            row_number() over (
                partition by old_card_id
                order by case when new_over_tokens <= old_over_tokens then 0 else 1 end, new_over_tokens desc
            ) as new_rank,
            row_number() over (
                partition by new_card_id
                order by case when old_over_tokens <= new_over_tokens then 0 else 1 end, old_over_tokens desc
            ) as old_rank
        from next_cards
    ),

    pairs as (
        select nearest.*, old_card_id as counted_card_id, old_tier as context_tier, true as is_before
        from nearest
        where new_rank = 1 and new_over_tokens <= old_over_tokens
        union all
        select nearest.*, new_card_id, new_tier, false
        from nearest
        where old_rank = 1 and old_over_tokens < new_over_tokens
    ),

    dated as (
        select
            pairs.*,
            cast(
                case
                    when pairs.changed_at_utc = cast(cast(pairs.changed_at_utc as date) as timestamp)
                    then pairs.changed_at_utc
                    else {{ dbt.dateadd("day", 1, "pairs.changed_at_utc") }}
                end as date
            ) as valid_from_date
        from pairs
    ),

    counted as (
        select
            dated.*,
            first_uses.first_date,
            case
                when dated.is_before
                then
                    greatest(
                        cast({{ dbt.dateadd("day", -window, "dated.valid_from_date") }} as date),
                        first_uses.first_date,
                        cast(dated.old_from_utc as date)
                    )
                else dated.valid_from_date
            end as counted_from_date,
            case
                when dated.is_before
                then dated.valid_from_date
                else
                    least(
                        cast({{ dbt.dateadd("day", window, "dated.valid_from_date") }} as date),
                        cast({{ dbt.dateadd("day", 1, "newest.last_date") }} as date),
                        cast(dated.new_to_utc as date)
                    )
            end as counted_to_date
        from dated
        inner join first_uses on first_uses.usage_context_id = dated.usage_context_id
        cross join newest
        -- Announced changes are not in force, and what was first used later changed for nobody.
        where dated.valid_from_date <= newest.last_date and dated.valid_from_date > first_uses.first_date
    ),

    quantities as (
        select
            {%- for column in counted_by %} counted.{{ column }}, {%- endfor %}
            {%- for meter in usage_meters() %}
                cast(sum(used_cards.{{ meter.meter }}) as bigint) as {{ meter.meter }}{{ ',' if not loop.last }}
            {%- endfor %}
        from counted
        inner join
            used_cards
            on used_cards.price_card_id = counted.counted_card_id
            and used_cards.usage_date >= counted.counted_from_date
            and used_cards.usage_date < counted.counted_to_date
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    by_meter as ({{ summed_meters("quantities", counted_by) }}),

    changed as (
        select
            contexts.provider_id,
            contexts.model_id,
            contexts.price_variant,
            by_meter.context_tier,
            by_meter.meter,
            by_meter.valid_from_date,
            old.contracted_price_usd_per_unit as old_price_usd_per_unit,
            new.contracted_price_usd_per_unit as new_price_usd_per_unit,
            cast(
                {{ dbt.datediff("by_meter.counted_from_date", "by_meter.counted_to_date", "day") }} as bigint
            ) as counted_days,
            by_meter.quantity
        from by_meter
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = by_meter.usage_context_id
        inner join
            {{ ref("int_price_card_meters") }} as old
            on old.price_card_id = by_meter.old_card_id
            and old.meter = by_meter.meter
        inner join
            {{ ref("int_price_card_meters") }} as new
            on new.price_card_id = by_meter.new_card_id
            and new.meter = by_meter.meter
        where old.contracted_price_usd_per_unit <> new.contracted_price_usd_per_unit
    )

select
    provider_id,
    model_id,
    price_variant,
    context_tier,
    meter,
    valid_from_date,
    old_price_usd_per_unit,
    new_price_usd_per_unit,
    max(counted_days) as counted_days,
    cast(sum(quantity) as bigint) as quantity,
    {{ money_sum(priced("quantity", "old_price_usd_per_unit")) }} as old_cost_usd,
    {{ money_sum(priced("quantity", "new_price_usd_per_unit")) }} as new_cost_usd
from changed
group by 1, 2, 3, 4, 5, 6, 7, 8
