{#- Requests aggregated to the grain at which prices are constant: hour × dimensions × usage context × price card, one
    column per count. fct_llm_usage_hourly takes it apart into priced meters when it is read; writing those rows would
    cost three times as much as everything before. Requests that a provider's report stands in for are left out, and the
    report comes in, split as those requests say (int_reported_shares): each token is counted once. Rebuilt by whole
    days: those whose fingerprint differs from the stored one (new, replaced or vanished files, changed prices) and the
    look-back window. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_usage_day_fingerprints')) }}",
    )
}}

{%- set dimensions = ["usage_hour_utc", "usage_date", "usage_context_id", "price_card_id"] + usage_dimensions() %}
{%- set counts = usage_columns() + [
    "billable_audio_milliseconds",
    "request_count",
    "billable_request_count",
    "error_count",
] %}

with
    requests as (
        select *, false as is_unseen
        from {{ ref("int_requests_carded") }} as requests
        where
            not exists (
                select 1
                from {{ ref("int_report_coverage") }} as coverage
                where {{ under_report("requests", "coverage") }}
            )
            {%- if is_incremental() %}
                {%- set bounds = rebuild_bounds(ref("int_usage_day_fingerprints"), this) %}
                and requested_at_utc >= cast('{{ bounds[0] }}' as timestamp)
                and requested_at_utc < cast('{{ bounds[1] }}' as timestamp) + interval '1' day
                and usage_date in ({{ days_to_rebuild(ref("int_usage_day_fingerprints"), this) }})
            {%- endif %}
    ),

    hourly as (
        select
            {{ dimensions | join(", ") }},
            {%- for column in counts %} cast(sum({{ column }}) as bigint) as {{ column }}, {%- endfor %}
            cast(count(recorded_cost_usd) as bigint) as recorded_cost_request_count,
            {{ money_sum("recorded_cost_usd") }} as recorded_cost_usd
        from requests
        group by {% for _ in dimensions %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    shares as (
        select *
        from {{ ref("int_reported_shares") }}
        {%- if is_incremental() %}
            where usage_date in ({{ days_to_rebuild(ref("int_usage_day_fingerprints"), this) }})
        {%- endif %}
    ),

    -- A part has the provider's names first, then those of the events; it is priced in the reported context, in the
    -- step of context length that the report says, else the events, else the first.
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
        from shares
        left join {{ ref("int_usage_reported") }} as reported on reported.reported_usage_key = shares.reported_usage_key
        left join
            {{ ref("int_usage_contexts") }} as contexts
            on {{ same_context("contexts", "reported") }}
            and {{ context_at("contexts", "reported.usage_hour_utc") }}
        left join {{ ref("int_events_under_reports") }} as groups on groups.event_group_key = shares.event_group_key
        left join {{ ref("int_price_cards") }} as event_cards on event_cards.price_card_id = groups.price_card_id
    ),

    from_reports as (
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
                cast(
                    sum(case when parts.meter = '{{ meter.meter }}' then parts.quantity end) as bigint
                ) as {{ meter.column }},
            {% endfor -%}
            cast(
                sum(
                    case
                        when parts.meter = 'audio_millisecond'
                        then coalesce(parts.minimum_audio_milliseconds, parts.quantity)
                    end
                ) as bigint
            ) as billable_audio_milliseconds,
            cast(sum(case when parts.meter = 'request' then parts.quantity end) as bigint) as request_count,
            cast(
                sum(
                    case when parts.meter = 'request' then parts.quantity - coalesce(parts.error_count, 0) end
                ) as bigint
            ) as billable_request_count,
            cast(sum(parts.error_count) as bigint) as error_count,
            cast(sum(coalesce(parts.recorded_cost_request_count, 0)) as bigint) as recorded_cost_request_count,
            {{ money_sum("parts.recorded_cost_usd") }} as recorded_cost_usd
        from parts
        left join
            {{ ref("int_price_cards") }} as cards
            on {{ on_card("cards", "parts.usage_context_id", "parts.usage_hour_utc", "parts.step_tokens") }}
        group by
            {% for _ in range(4 + usage_dimensions() | length - 2) %}
                {{ loop.index }}{{ ', ' if not loop.last }}
            {% endfor %}
    ),

    counted as (
        select *
        from hourly
        union all
        select {{ (dimensions + counts) | join(", ") }}, recorded_cost_request_count, recorded_cost_usd
        from from_reports
    )

select
    counted.*,
    {{ surrogate_number(dimensions | map("replace", "usage_date", "counted.usage_date") | list) }} as usage_row_id,
    fingerprints.inputs_fingerprint as _inputs_fingerprint
from counted
inner join {{ ref("int_usage_day_fingerprints") }} as fingerprints on fingerprints.usage_date = counted.usage_date
