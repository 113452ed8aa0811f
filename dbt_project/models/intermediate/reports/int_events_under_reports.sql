{#- The events that a report stands in for, summed as in int_llm_usage_hourly: they say how the report splits. Replays
    of a gateway's cache never reached a provider and stay out. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(reported_days()) }}",
    )
}}

{%- set keys = [
    "report_source",
    "slot_utc",
    "usage_hour_utc",
    "usage_date",
    "usage_context_id",
    "price_card_id",
] + usage_dimensions() %}
{%- set counts = usage_columns() + [
    "billable_audio_milliseconds",
    "request_count",
    "billable_request_count",
    "error_count",
] %}

with
    requests as (
        select
            requests.*,
            false as is_unseen,
            coverage.event_source as report_source,
            case
                when coverage.is_daily then cast(requests.usage_date as timestamp) else requests.usage_hour_utc
            end as slot_utc
        from {{ ref("int_requests_carded") }} as requests
        inner join {{ ref("int_report_coverage") }} as coverage on {{ under_report("requests", "coverage") }}
        {%- if is_incremental() %}
                {%- set bounds = rebuild_bounds(reported_days(), this) %}
            where
                requests.requested_at_utc >= cast('{{ bounds[0] }}' as timestamp)
                and requests.requested_at_utc < cast('{{ bounds[1] }}' as timestamp) + interval '1' day
                and requests.usage_date in ({{ days_to_rebuild(reported_days(), this) }})
        {%- endif %}
    ),

    grouped as (
        select
            {{ keys | join(", ") }},
            {%- for column in counts %} cast(sum({{ column }}) as bigint) as {{ column }}, {%- endfor %}
            cast(count(recorded_cost_usd) as bigint) as recorded_cost_request_count,
            {{ money_sum("recorded_cost_usd") }} as recorded_cost_usd
        from requests
        group by {% for _ in keys %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    hourly as (select {{ surrogate_key(keys) }} as event_group_key, grouped.* from grouped)

select hourly.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from hourly
inner join {{ ref("int_usage_day_fingerprints") }} as fingerprints on fingerprints.usage_date = hourly.usage_date
