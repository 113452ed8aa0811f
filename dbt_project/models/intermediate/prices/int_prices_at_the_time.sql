{#- Which version of a price applies to usage at an instant: the one known then; where none was known, the one learned
    first afterwards. So a price that is corrected or learned late holds from the instant it was known, and only what
    was unknown is filled. What the public list says is not known of days before it begins. All prices of a meter at an
    instant come from one list. See docs/decisions/0005. -#}
{%- set slot = "price_provider_id, price_model_id, price_variant" %}

with
    versions as (
        select
            versions.price_key,
            versions.price_provider_id,
            versions.price_model_id,
            versions.price_variant,
            versions.meter,
            {{ knowable_from("versions") }} as valid_from_utc,
            versions.valid_to_utc,
            versions.time_of_day_from_second,
            versions.time_of_day_to_second,
            versions.context_over_tokens,
            versions.context_up_to_tokens,
            versions.price_usd_per_unit,
            versions.minimum_quantity,
            {{ known_period("versions") }}
        from {{ ref("int_price_versions") }} as versions
        where {{ is_in_lens("versions") }} and {{ knowable_from("versions") }} < versions.valid_to_utc
    ),

    cuts as (
        {% for column in ["valid_from_utc", "valid_to_utc", "known_from_utc", "known_to_utc"] -%}
            select {{ slot }}, {{ column }} as cut_at_utc from versions {{ 'union' if not loop.last }}
        {% endfor -%}
    ),

    stretches as (
        select
            {{ slot }},
            cut_at_utc as from_utc,
            lead(cut_at_utc) over (partition by {{ slot }} order by cut_at_utc) as to_utc,
            row_number() over (partition by {{ slot }} order by cut_at_utc) as stretch_number
        from cuts
    ),

    candidates as (
        select
            versions.*,
            stretches.from_utc,
            stretches.to_utc,
            stretches.stretch_number,
            case when versions.known_from_utc <= stretches.from_utc then 1 else 0 end as was_known,
            case when versions.known_from_utc > stretches.from_utc then versions.known_from_utc end as learned_at_utc
        from stretches
        inner join
            versions
            on versions.price_provider_id = stretches.price_provider_id
            and versions.price_model_id = stretches.price_model_id
            and versions.price_variant = stretches.price_variant
            and versions.valid_from_utc <= stretches.from_utc
            and versions.valid_to_utc >= stretches.to_utc
            and versions.known_to_utc >= stretches.to_utc
    ),

    judged as (
        select
            *,
            max(was_known) over (partition by {{ slot }}, stretch_number, meter) as meter_was_known,
            min(learned_at_utc) over (partition by {{ slot }}, stretch_number, meter) as meter_learned_at_utc,
            max(was_known) over (partition by {{ slot }}, stretch_number) as list_was_known,
            min(learned_at_utc) over (partition by {{ slot }}, stretch_number) as list_learned_at_utc
        from candidates
    ),

    applying as (
        select *, was_known = 1 or (list_was_known = 0 and learned_at_utc = list_learned_at_utc) as is_of_one_list
        from judged
        where
            was_known = 1
            or (
                meter_was_known = 0
                and learned_at_utc = meter_learned_at_utc
                and (
                    meter not in ('{{ meters_free_where_unlisted() | join("', '") }}')
                    or (list_was_known = 0 and learned_at_utc = list_learned_at_utc)
                )
            )
    ),

    islands as (
        select
            *,
            stretch_number
            - row_number() over (partition by price_key, is_of_one_list order by stretch_number) as island
        from applying
    )

    {%- set kept = [
        "price_key",
        "price_provider_id",
        "price_model_id",
        "price_variant",
        "meter",
        "time_of_day_from_second",
        "time_of_day_to_second",
        "context_over_tokens",
        "context_up_to_tokens",
        "price_usd_per_unit",
        "minimum_quantity",
        "valid_from_utc",
        "valid_to_utc",
        "known_from_utc",
        "is_of_one_list",
    ] | join(", ") %}

select {{ kept }}, min(from_utc) as applies_from_utc, max(to_utc) as applies_to_utc
from islands
group by {{ kept }}, island
