{#- The parts of int_reported_shares in the columns of int_llm_usage_hourly. A part has the provider's names first, then
    those of the events; it is priced in the reported context, in the step of context length that the report says, else
    the events, else the first. -#}
{{ config(materialized="view") }}

with
    parts as (
        select
            shares.*,
            coalesce(groups.usage_hour_utc, reported.usage_hour_utc) as usage_hour_utc,
            coalesce(contexts.usage_context_id, groups.usage_context_id) as usage_context_id,
            {%- for column in report_dimensions() %}
                coalesce(reported.{{ column }}, groups.{{ column }}) as {{ column }},
            {%- endfor %}
            groups.team_id,
            groups.customer_id,
            groups.feature,
            groups.environment,
            groups.unknown_usage_reason,
            groups.recorded_cost_kind,
            coalesce(reported.event_source, groups.event_source) as event_source,
            1 + coalesce(reported.context_over_tokens, event_cards.context_over_tokens, -1) as step_tokens,
            case when shares.meter = 'request' then least(groups.error_count, shares.quantity) end as error_count,
            case
                when shares.meter = 'audio_millisecond' and shares.reported_usage_key is null
                then groups.billable_audio_milliseconds
            end as minimum_audio_milliseconds,
            case
                when shares.meter = 'request' then groups.recorded_cost_request_count
            end as recorded_cost_request_count,
            case when shares.meter = 'request' then groups.recorded_cost_usd end as recorded_cost_usd
        from {{ ref("int_reported_shares") }} as shares
        left join {{ ref("int_usage_reported") }} as reported on reported.reported_usage_key = shares.reported_usage_key
        left join
            {{ ref("int_usage_contexts") }} as contexts
            on {{ same_context("contexts", "reported") }}
            and {{ context_at("contexts", "reported.usage_hour_utc") }}
        left join {{ ref("int_events_under_reports") }} as groups on groups.event_group_key = shares.event_group_key
        left join {{ ref("int_price_card_ranges") }} as event_cards on event_cards.price_card_id = groups.price_card_id
    )

select
    parts.usage_hour_utc,
    parts.usage_date,
    parts.usage_context_id,
    cards.price_card_id,
    {% for column in usage_dimensions() if column not in ('is_billable', 'has_reported_usage') -%}
        parts.{{ column }},
    {% endfor -%}
    true as is_billable,
    true as has_reported_usage,
    {% for meter in usage_meters() if meter.meter != 'request' -%}
        cast(sum(case when parts.meter = '{{ meter.meter }}' then parts.quantity end) as bigint) as {{ meter.column }},
    {% endfor -%}
    cast(
        sum(
            case
                when parts.meter = 'audio_millisecond' then coalesce(parts.minimum_audio_milliseconds, parts.quantity)
            end
        ) as bigint
    ) as billable_audio_milliseconds,
    cast(sum(case when parts.meter = 'request' then parts.quantity end) as bigint) as request_count,
    cast(
        sum(case when parts.meter = 'request' then parts.quantity - coalesce(parts.error_count, 0) end) as bigint
    ) as billable_request_count,
    cast(sum(parts.error_count) as bigint) as error_count,
    cast(sum(coalesce(parts.recorded_cost_request_count, 0)) as bigint) as recorded_cost_request_count,
    {{ money_sum("parts.recorded_cost_usd") }} as recorded_cost_usd
from parts
left join
    {{ ref("int_price_card_ranges") }} as cards
    on {{ on_card("cards", "parts.usage_context_id", "parts.usage_hour_utc", "parts.step_tokens") }}
group by
    {% for _ in range(4 + usage_dimensions() | length - 2) %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
