{#- Each request with the one price card it falls on: by provider, model, batch, tier and speed as reported, by date, by
    second of the day, and by its own number of input tokens. Its account has the name that reports and bills use. A
    view: it is read while aggregating. -#}
{{ config(materialized="view") }}

with
    requests as (
        select
            event_id,
            requested_at_utc,
            cast(requested_at_utc as date) as usage_date,
            date_trunc('hour', requested_at_utc) as usage_hour_utc,
            {{ usage_context("source") }},
            account_id as event_account_id,
            {% for column in [
                "project_id",
                "workspace_id",
                "api_key_id",
                "user_id",
                "team_id",
                "customer_id",
                "feature",
                "environment",
                "region",
                "event_source",
                "session_id",
                "trace_id",
                "parent_event_id",
                "prompt_hash",
                "tags",
                "unresolved_usage",
                "error_type",
                "duration_ms",
                "recorded_cost_usd",
                "recorded_cost_decimals",
                "recorded_cost_kind",
            ] -%}
                {{ column }},
            {% endfor -%}
            status,
            coalesce(status, 'ok') = 'error' as is_error,
            coalesce(is_billable, true) as is_billable,
            coalesce({{ usage_columns() | join(", ") }}) is not null
            or coalesce(status, 'ok') = 'error'
            or not coalesce(is_billable, true) as has_reported_usage,
            case
                when coalesce(status, 'ok') <> 'error' and coalesce(is_billable, true) then unknown_usage_reason
            end as unknown_usage_reason,
            {{ usage_columns() | join(",\n        ") }},
            {{ token_total("input") }} as input_tokens,
            {{ token_total("output") }} as all_output_tokens
        from {{ ref("stg_events__requests") }} as source
        {%- if var("prices_as_known_at") %}
            where {{ in_repriced_window("cast(requested_at_utc as date)") }}
        {%- endif %}
    ),

    carded as (
        select
            {{ all_but("requests", ["unknown_usage_reason"]) }},
            case
                when requests.unknown_usage_reason is not null or requests.is_error or not requests.is_billable
                then requests.unknown_usage_reason
                -- Beside tokens they are information; a request that counts no tokens was charged for them.
                when
                    requests.input_tokens = 0
                    and requests.all_output_tokens = 0
                    and (
                        false
                        {%- for meter in usage_meters() if meter.meter in told_beside_tokens() %}
                            or (cards.only_tells_{{ meter.meter }} and requests.{{ meter.column }} > 0)
                        {%- endfor %}
                    )
                then 'no_price_for_meter'
            end as unknown_usage_reason,
            coalesce(accounts.account_id, requests.event_account_id) as account_id,
            contexts.usage_context_id,
            cards.price_card_id,
            case
                when requests.audio_milliseconds > 0
                then greatest(requests.audio_milliseconds, coalesce(cards.minimum_audio_milliseconds, 0))
                else requests.audio_milliseconds
            end as billable_audio_milliseconds,
            cast(1 as bigint) as request_count,
            cast(case when requests.is_error then 1 else 0 end as bigint) as error_count,
            cast(
                case when requests.is_billable and not requests.is_error then 1 else 0 end as bigint
            ) as billable_request_count
        from requests
        left join
            {{ ref("int_usage_contexts") }} as contexts
            on {{ same_context("contexts", "requests") }}
            and {{ context_at("contexts", "requests.requested_at_utc") }}
        left join
            {{ ref("int_account_aliases") }} as accounts
            on accounts.provider_id = contexts.provider_id
            and accounts.alias = lower(trim(requests.event_account_id))
            and accounts.alias <> ''
            and {{ valid_on("accounts", "requests.usage_date") }}
        left join
            {{ ref("int_price_cards") }} as cards
            on cards.usage_context_id = contexts.usage_context_id
            and requests.requested_at_utc >= cards.valid_from_utc
            and requests.requested_at_utc < cards.valid_to_utc
            and {{ second_of_day("requests.requested_at_utc") }} >= cards.time_of_day_from_second
            and {{ second_of_day("requests.requested_at_utc") }} < cards.time_of_day_to_second
            and requests.input_tokens > cards.context_over_tokens
            and requests.input_tokens <= cards.context_up_to_tokens
    )

select *
from carded
