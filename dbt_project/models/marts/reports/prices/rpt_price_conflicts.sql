{#- Where the user's second price file and the public list state different prices for the same provider, model, meter,
    variant and context step at the time the file was landed. A listing to look into; nothing is priced by it. -#}
with
    listed as (
        select
            prices.*,
            row_number() over (
                partition by
                    price_provider_id,
                    price_model_id,
                    meter,
                    price_variant,
                    context_over_tokens,
                    time_of_day_from_second,
                    valid_from_utc
                order by known_from_utc desc
            ) as version_rank
        from {{ ref("stg_prices__model_prices") }} as prices
    ),

    both_prices as (
        select
            other.price_source as other_price_source,
            other.source_entry as other_entry,
            other.source_field as other_field,
            other.match_method,
            other.price_provider_id as provider_id,
            other.price_model_id as model_id,
            other.meter,
            other.price_variant,
            other.context_over_tokens,
            listed.time_of_day_from_second,
            listed.price_row_id as price_key,
            listed.price_usd_per_unit as list_price_usd_per_unit,
            other.price_usd_per_unit as other_price_usd_per_unit,
            listed.price_text as list_price_text,
            other.price_text as other_price_text,
            cast(other.price_usd_per_unit - listed.price_usd_per_unit as decimal(38, 12)) as difference_usd_per_unit,
            listed.valid_from_utc,
            other.landed_at_utc
        from {{ ref("stg_prices__other_prices") }} as other
        inner join
            listed
            on listed.version_rank = 1
            and listed.price_provider_id = other.price_provider_id
            and listed.price_model_id = other.price_model_id
            and listed.meter = other.meter
            and listed.price_variant = other.price_variant
            and listed.context_over_tokens = other.context_over_tokens
            and listed.valid_from_utc <= other.landed_at_utc
            and listed.valid_to_utc > other.landed_at_utc
    )

select
    {{ surrogate_key(["other_price_source", "other_entry", "other_field", "price_key"]) }} as price_conflict_key,
    provider_id,
    model_id,
    meter,
    price_variant,
    context_over_tokens,
    time_of_day_from_second,
    case
        when other_price_usd_per_unit = 0 or list_price_usd_per_unit = 0
        then 'free_in_one'
        when abs(difference_usd_per_unit) * cast(1000 as decimal(4, 0)) < list_price_usd_per_unit
        then 'rounding'
        else 'different'
    end as conflict_kind,
    list_price_usd_per_unit,
    other_price_usd_per_unit,
    difference_usd_per_unit,
    {{ ratio("other_price_usd_per_unit", "list_price_usd_per_unit") }} as other_to_list_ratio,
    list_price_text,
    other_price_text,
    price_key,
    valid_from_utc as list_valid_from_utc,
    other_price_source,
    other_entry,
    other_field,
    match_method,
    landed_at_utc as compared_at_utc
from both_prices
where difference_usd_per_unit <> 0
