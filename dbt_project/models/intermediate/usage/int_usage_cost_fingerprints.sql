{#- The fingerprint of a day's usage and of what makes its cost: the prices that hold on it, and where contracts count
    by the month what that makes of its cost, as earlier usage that arrives late moves the later days of its month. -#}
{% set costs_are_made_by = [
    "int_usage_priced_hourly",
    "int_usage_recorded_spend",
    "int_llm_usage_daily",
    "int_requests_priced",
] %}

with
    -- Requests that a report stands in for are in no row of the usage, and priced by themselves all the same.
    day_contexts as (
        select usage_date, usage_context_id
        from {{ ref("int_llm_usage_hourly") }}
        union
        select usage_date, usage_context_id
        from {{ ref("int_events_under_reports") }}
    ),

    stretches as (
        select
            usage_context_id,
            valid_from_utc,
            valid_to_utc,
            md5(
                {{
                    sorted_text(
                        surrogate_key(
                            [
                                "price_card_key",
                                "meter",
                                "price_key",
                                "list_price_usd_per_unit",
                                "contracted_price_usd_per_unit",
                                "minimum_quantity",
                                "is_charged",
                            ]
                        )
                    )
                }}
            ) as fingerprint
        from {{ ref("int_price_card_meters") }}
        group by 1, 2, 3
    ),

    prices as (
        select
            day_contexts.usage_date,
            md5(
                {{ sorted_text("cast(stretches.usage_context_id as string) || '=' || stretches.fingerprint") }}
            ) as fingerprint
        from day_contexts
        inner join
            stretches
            on stretches.usage_context_id = day_contexts.usage_context_id
            and stretches.valid_from_utc < day_contexts.usage_date + interval '1' day
            and stretches.valid_to_utc > day_contexts.usage_date
        group by 1
    ),

    agreed as (
        select
            usage_date,
            md5({{ sorted_text(surrogate_key(["usage_row_id", "meter", "whole_cost_usd"])) }}) as fingerprint
        from {{ ref("int_usage_agreed_parts") }}
        where part_number = 1
        group by usage_date
    )

select
    days.usage_date,
    {{ surrogate_key(["days.inputs_fingerprint", "prices.fingerprint", "agreed.fingerprint"]) }}
    || '-'
    || '{{ logic_checksum(costs_are_made_by) }}' as inputs_fingerprint,
    agreed.usage_date is not null as has_agreed_costs
from {{ ref("int_usage_day_fingerprints") }} as days
left join prices on prices.usage_date = days.usage_date
left join agreed on agreed.usage_date = days.usage_date
