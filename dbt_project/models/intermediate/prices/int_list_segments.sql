{#- The grid of one model and variant: stretches of usage time × time of day × request size in which every meter has one
    price. Times of day and sizes are those of the list that prices the model in the stretch. A meter that only a later
    list names is filled where it fits into them; it never cuts what was priced before. -#}
{%- set slot = "price_provider_id, price_model_id, price_variant" %}

with
    prices as (select * from {{ ref("int_prices_at_the_time") }}),

    time_cuts as (
        select {{ slot }}, applies_from_utc as cut_at_utc
        from prices
        union
        select {{ slot }}, applies_to_utc
        from prices
    ),

    stretches as (
        select
            {{ slot }},
            cut_at_utc as from_utc,
            lead(cut_at_utc) over (partition by {{ slot }} order by cut_at_utc) as to_utc
        from time_cuts
    ),

    applying as (
        select distinct
            stretches.*,
            prices.time_of_day_from_second,
            prices.time_of_day_to_second,
            prices.context_over_tokens,
            prices.context_up_to_tokens
        from stretches
        inner join
            prices
            on prices.price_provider_id = stretches.price_provider_id
            and prices.price_model_id = stretches.price_model_id
            and prices.price_variant = stretches.price_variant
            and prices.applies_from_utc <= stretches.from_utc
            and prices.applies_to_utc >= stretches.to_utc
            and prices.is_of_one_list
    ),

    {%- for axis, low, high in [
        ("seconds", "time_of_day_from_second", "time_of_day_to_second"),
        ("sizes", "context_over_tokens", "context_up_to_tokens"),
    ] %}
        {{ axis }} as (
            select
                {{ slot }},
                from_utc,
                cut as {{ low }},
                lead(cut) over (partition by {{ slot }}, from_utc order by cut) as {{ high }}
            from
                (
                    select {{ slot }}, from_utc, {{ low }} as cut
                    from applying
                    union
                    select {{ slot }}, from_utc, {{ high }}
                    from applying
                ) as cuts
        ),
    {% endfor %}
    cells as (
        select seconds.*, sizes.context_over_tokens, sizes.context_up_to_tokens
        from seconds
        inner join
            sizes
            on sizes.price_provider_id = seconds.price_provider_id
            and sizes.price_model_id = seconds.price_model_id
            and sizes.price_variant = seconds.price_variant
            and sizes.from_utc = seconds.from_utc
        where seconds.time_of_day_to_second is not null and sizes.context_up_to_tokens is not null
    )

select distinct
    cells.price_provider_id,
    cells.price_model_id,
    cells.price_variant,
    applying.from_utc as valid_from_utc,
    applying.to_utc as valid_to_utc,
    cells.time_of_day_from_second,
    cells.time_of_day_to_second,
    cells.context_over_tokens,
    cells.context_up_to_tokens
from cells
inner join
    applying
    on applying.price_provider_id = cells.price_provider_id
    and applying.price_model_id = cells.price_model_id
    and applying.price_variant = cells.price_variant
    and applying.from_utc = cells.from_utc
    and applying.time_of_day_from_second <= cells.time_of_day_from_second
    and applying.time_of_day_to_second >= cells.time_of_day_to_second
    and applying.context_over_tokens <= cells.context_over_tokens
    and applying.context_up_to_tokens >= cells.context_up_to_tokens
