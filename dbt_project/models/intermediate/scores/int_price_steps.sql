{#- What the usual token mix of a model costs at each of its price steps, past and announced: forecasts value volume at
    the price in force by it. The mix is that of the newest days, held still, so that a step is the price's alone. A
    step at which a part of the mix has no price has no row. Agreements by account or month are not in it. -#}
with
    newest as (select max(usage_date) as last_date from {{ ref("int_llm_usage_hourly") }}),

    used_cards as (
        select
            hourly.price_card_id,
            {%- for meter in usage_meters() %}
                cast(sum({{ meter.billed }}) as bigint) as {{ meter.meter }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref("int_llm_usage_hourly") }} as hourly
        cross join newest
        -- The newest day may not be over.
        where
            hourly.is_billable
            and hourly.usage_date >= newest.last_date - {{ var("price_mix_days") }}
            and hourly.usage_date < newest.last_date
        group by 1
    ),

    used_meters as ({{ summed_meters("used_cards", ["price_card_id"]) }}),

    mix as (
        select
            cards.usage_context_id,
            cards.time_of_day_from_second,
            cards.context_over_tokens,
            used_meters.meter,
            cast(sum(used_meters.quantity) as bigint) as quantity
        from used_meters
        inner join {{ ref("int_price_cards") }} as cards on cards.price_card_id = used_meters.price_card_id
        inner join
            {{ ref("int_price_card_meters") }} as priced
            on priced.price_card_id = used_meters.price_card_id
            and priced.meter = used_meters.meter
        where priced.is_charged
        group by 1, 2, 3, 4
    ),

    mix_of_models as (
        select mix.*, contexts.provider_id, contexts.model_id
        from mix
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = mix.usage_context_id
    ),

    parts as (select provider_id, model_id, count(*) as part_count from mix_of_models group by 1, 2),

    -- A step at midnight holds from that day on, a later one from the next day.
    steps as (
        select distinct
            contexts.provider_id,
            contexts.model_id,
            cast(
                case
                    when cards.valid_from_utc = cast(cast(cards.valid_from_utc as date) as timestamp)
                    then cards.valid_from_utc
                    else {{ dbt.dateadd("day", 1, "cards.valid_from_utc") }}
                end as date
            ) as valid_from_date
        from {{ ref("int_price_cards") }} as cards
        inner join {{ ref("int_usage_contexts") }} as contexts on contexts.usage_context_id = cards.usage_context_id
    ),

    priced as (
        select
            steps.provider_id,
            steps.model_id,
            steps.valid_from_date,
            count(*) as part_count,
            {{ money_sum("mix_of_models.quantity * prices.contracted_price_usd_per_unit") }} as mix_cost_usd
        from steps
        inner join
            mix_of_models
            on mix_of_models.provider_id is not distinct from steps.provider_id
            and mix_of_models.model_id = steps.model_id
        inner join
            {{ ref("int_price_cards") }} as cards
            on cards.usage_context_id = mix_of_models.usage_context_id
            and cards.time_of_day_from_second = mix_of_models.time_of_day_from_second
            and cards.context_over_tokens = mix_of_models.context_over_tokens
            and cards.valid_from_utc <= cast(steps.valid_from_date as timestamp)
            and cards.valid_to_utc > cast(steps.valid_from_date as timestamp)
        inner join
            {{ ref("int_price_card_meters") }} as prices
            on prices.price_card_id = cards.price_card_id
            and prices.meter = mix_of_models.meter
        where prices.contracted_price_usd_per_unit is not null
        group by 1, 2, 3
    )

select priced.provider_id, priced.model_id, priced.valid_from_date, priced.mix_cost_usd
from priced
inner join
    parts
    on parts.provider_id is not distinct from priced.provider_id
    and parts.model_id = priced.model_id
    and parts.part_count = priced.part_count
