{#- Requests aggregated to the grain at which prices are constant: hour × dimensions × usage context × price card, one
    column per count. fct_llm_usage_hourly takes it apart into priced meters when it is read; writing those rows would
    cost three times as much as everything before. Requests that a provider's report stands in for are left out, and the
    report comes in, split as those requests say (int_usage_from_reports): each token is counted once. Rebuilt by whole
    days: those whose fingerprint differs from the stored one (new, replaced or vanished files, changed prices) and the
    look-back window. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_vanished_days(ref('int_usage_day_fingerprints')) }}",
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

    from_reports as (
        select {{ (dimensions + counts) | join(", ") }}, recorded_cost_request_count, recorded_cost_usd
        from {{ ref("int_usage_from_reports") }}
        {%- if is_incremental() %}
            where usage_date in ({{ days_to_rebuild(ref("int_usage_day_fingerprints"), this) }})
        {%- endif %}
    ),

    counted as (
        select *
        from hourly
        union all
        select *
        from from_reports
    )

select
    counted.*,
    {{ surrogate_number(dimensions | map("replace", "usage_date", "counted.usage_date") | list) }} as usage_row_id,
    fingerprints.inputs_fingerprint as _inputs_fingerprint
from counted
inner join {{ ref("int_usage_day_fingerprints") }} as fingerprints on fingerprints.usage_date = counted.usage_date
