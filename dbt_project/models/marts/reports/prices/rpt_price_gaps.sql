with
    applying as (
        select provider_id, model_id, price_variant, meter, applies_from_utc, applies_to_utc, list_price_usd_per_unit
        from {{ ref("dim_prices_at_the_time") }}
    ),

    ends as (
        select
            provider_id,
            model_id,
            price_variant,
            meter,
            applies_to_utc as gap_from_utc,
            min(list_price_usd_per_unit) as lowest_price,
            max(list_price_usd_per_unit) as highest_price
        from applying
        group by 1, 2, 3, 4, 5
    ),

    gaps as (
        select
            ends.provider_id,
            ends.model_id,
            ends.price_variant,
            ends.meter,
            ends.gap_from_utc,
            ends.lowest_price,
            ends.highest_price,
            coalesce(
                min(case when applying.applies_from_utc > ends.gap_from_utc then applying.applies_from_utc end),
                {{ end_of_time() }}
            ) as gap_to_utc,
            max(
                case
                    when applying.applies_from_utc <= ends.gap_from_utc and applying.applies_to_utc > ends.gap_from_utc
                    then 1
                    else 0
                end
            ) as is_covered
        from ends
        inner join
            applying
            on applying.provider_id = ends.provider_id
            and applying.model_id = ends.model_id
            and applying.price_variant = ends.price_variant
            and applying.meter = ends.meter
        where ends.gap_from_utc < {{ end_of_time() }}
        group by 1, 2, 3, 4, 5, 6, 7
    )

select
    {{ surrogate_key(["provider_id", "model_id", "price_variant", "meter", "gap_from_utc"]) }} as price_gap_key,
    provider_id,
    model_id,
    price_variant,
    meter,
    gap_from_utc,
    gap_to_utc,
    gap_to_utc = {{ end_of_time() }} as is_open,
    case when lowest_price = highest_price then lowest_price end as last_list_price_usd_per_unit
from gaps
where is_covered = 0
