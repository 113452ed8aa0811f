{#- What the list came to say otherwise after the first one was landed, and what usage from before it was known would
    cost more or less for it: nothing here has changed a figure of the past (docs/decisions/0005). -#}
with
    prices as (select * from {{ ref("dim_prices") }}),

    learned as (
        select *
        from prices
        where known_from_utc > (select min(first_known.known_from_utc) from {{ ref("dim_prices") }} as first_known)
    ),

    {%- set same_slot %}
        on before.provider_id = learned.provider_id
        and before.model_id = learned.model_id
        and before.price_variant = learned.price_variant
        and before.meter = learned.meter
        and before.price_source = learned.price_source
        and before.price_key <> learned.price_key
        and before.valid_from_utc < learned.valid_to_utc
        and before.valid_to_utc > learned.valid_from_utc
        and before.time_of_day_from_second < learned.time_of_day_to_second
        and before.time_of_day_to_second > learned.time_of_day_from_second
        and before.context_over_tokens < learned.context_up_to_tokens
        and before.context_up_to_tokens > learned.context_over_tokens
    {%- endset %}

    previous as (
        select
            learned.price_key,
            min(before.list_price_usd_per_unit) as lowest_price,
            max(before.list_price_usd_per_unit) as highest_price
        from learned
        inner join
            prices as before
            {{ same_slot }}
            and before.known_from_utc < learned.known_from_utc
            and before.known_to_utc >= learned.known_from_utc
        group by 1
    ),

    -- Usage that was priced by an earlier version of the same price, on days for which the new one is valid.
    pairs as (
        select
            learned.price_key,
            before.price_key as booked_price_key,
            learned.list_price_usd_per_unit - before.list_price_usd_per_unit as price_difference,
            learned.valid_from_utc,
            learned.valid_to_utc,
            learned.known_from_utc,
            before.time_of_day_from_second >= learned.time_of_day_from_second
            and before.time_of_day_to_second <= learned.time_of_day_to_second
            and before.context_over_tokens >= learned.context_over_tokens
            and before.context_up_to_tokens <= learned.context_up_to_tokens as is_inside
        from learned
        inner join prices as before {{ same_slot }} and before.known_from_utc < learned.known_from_utc
        union all
        select price_key, price_key, cast(0 as decimal(38, 12)), valid_from_utc, valid_to_utc, known_from_utc, true
        from learned
    ),

    usage as (
        select
            price_key as booked_price_key,
            usage_hour_utc,
            cast(sum(billable_quantity) as bigint) as billable_quantity,
            {{ money_sum("list_cost_usd") }} as list_cost_usd
        from {{ ref("fct_llm_usage_hourly") }}
        where price_key in (select booked_price_key from pairs)
        group by 1, 2
    ),

    effects as (
        select
            pairs.price_key,
            cast(min(usage.usage_hour_utc) as date) as first_usage_date,
            cast(max(usage.usage_hour_utc) as date) as last_usage_date,
            cast(
                sum(case when pairs.booked_price_key <> pairs.price_key then usage.billable_quantity end) as bigint
            ) as quantity_at_other_prices,
            case
                when min(case when pairs.is_inside then 1 else 0 end) = 1
                then {{ money_sum(priced("usage.billable_quantity", "pairs.price_difference")) }}
            end as list_effect_usd,
            {{ money_sum("case when pairs.booked_price_key = pairs.price_key then usage.list_cost_usd end") }}
            as filled_list_cost_usd
        from pairs
        inner join
            usage
            on usage.booked_price_key = pairs.booked_price_key
            and usage.usage_hour_utc >= pairs.valid_from_utc
            and usage.usage_hour_utc < pairs.valid_to_utc
            and usage.usage_hour_utc < pairs.known_from_utc
        group by 1
    ),

    changes as (
        select
            learned.price_key,
            learned.known_from_utc as learned_at_utc,
            case when previous.price_key is null then 'first_known' else 'changed' end as change_type,
            case
                when previous.lowest_price = previous.highest_price then previous.lowest_price
            end as previous_list_price_usd_per_unit,
            learned.list_price_usd_per_unit
        from learned
        left join previous on previous.price_key = learned.price_key
        -- A version whose price is the old one is new in its dates or its name only.
        where
            previous.price_key is null
            or previous.lowest_price <> learned.list_price_usd_per_unit
            or previous.highest_price <> learned.list_price_usd_per_unit
    ),

    withdrawn as (
        select
            before.price_key,
            before.known_to_utc as learned_at_utc,
            before.list_price_usd_per_unit as previous_list_price_usd_per_unit
        from prices as before
        left join
            prices as learned
            {{ same_slot }}
            and learned.known_from_utc <= before.known_to_utc
            and learned.known_to_utc > before.known_to_utc
        where not before.is_current and learned.price_key is null
    ),

    listed as (
        select
            changes.*,
            effects.first_usage_date,
            effects.last_usage_date,
            effects.quantity_at_other_prices,
            case
                when effects.price_key is null then cast(0 as decimal(38, 12)) else effects.list_effect_usd
            end as list_effect_usd,
            coalesce(effects.filled_list_cost_usd, cast(0 as decimal(38, 12))) as filled_list_cost_usd
        from changes
        left join effects on effects.price_key = changes.price_key
        union all
        select
            price_key,
            learned_at_utc,
            'withdrawn',
            previous_list_price_usd_per_unit,
            cast(null as decimal(38, 12)),
            cast(null as date),
            cast(null as date),
            cast(null as bigint),
            cast(0 as decimal(38, 12)),
            cast(0 as decimal(38, 12))
        from withdrawn
    )

select
    {{ surrogate_key(["listed.price_key", "listed.change_type"]) }} as price_change_key,
    listed.price_key,
    listed.learned_at_utc,
    listed.change_type,
    prices.provider_id,
    prices.model_id,
    prices.price_variant,
    prices.meter,
    prices.valid_from_utc,
    prices.valid_to_utc,
    prices.time_of_day_from_second,
    prices.time_of_day_to_second,
    prices.context_over_tokens,
    prices.context_up_to_tokens,
    listed.previous_list_price_usd_per_unit,
    listed.list_price_usd_per_unit,
    listed.first_usage_date,
    listed.last_usage_date,
    listed.quantity_at_other_prices,
    listed.list_effect_usd,
    listed.filled_list_cost_usd
from listed
inner join prices on prices.price_key = listed.price_key
